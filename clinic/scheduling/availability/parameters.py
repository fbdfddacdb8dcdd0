"""What a visit of one type with one doctor is like: lengths, limits and switches (A4)."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """Resolved parameters of one visit type with one doctor at one site."""

    duration_minutes: int
    buffer_before_minutes: int
    buffer_after_minutes: int
    grid_minutes: int | None  # None: the grid steps by the duration
    lead_minutes: int
    horizon_days: int
    cancel_cutoff_minutes: int
    move_cutoff_minutes: int
    online: bool
    new_patients: bool
    needs_approval: bool

    def __post_init__(self) -> None:
        if self.duration_minutes < 1 or self.step_minutes < 1:
            raise ValueError("a visit and the grid last at least one minute")
        if self.buffer_before_minutes < 0 or self.buffer_after_minutes < 0:
            raise ValueError("a buffer is not negative")

    @property
    def step_minutes(self) -> int:
        """Minutes from one start of the grid to the next."""
        return self.duration_minutes if self.grid_minutes is None else self.grid_minutes


SYSTEM_PARAMETERS = Parameters(
    duration_minutes=20,
    buffer_before_minutes=0,
    buffer_after_minutes=0,
    grid_minutes=None,
    lead_minutes=60,
    horizon_days=56,
    cancel_cutoff_minutes=24 * 60,
    move_cutoff_minutes=24 * 60,
    online=True,
    new_patients=True,
    needs_approval=False,
)

_NAMES = tuple(field.name for field in fields(Parameters))


def resolve_parameters(*layers: Mapping[str, Any]) -> Parameters:
    """Return the system's parameters overridden field by field, the last layer strongest (A4).

    Layers are site, visit type, doctor x visit type. A missing key or None inherits; other keys are
    ignored, so a model's `values()` will do.
    """
    resolved = {name: getattr(SYSTEM_PARAMETERS, name) for name in _NAMES}
    for layer in layers:
        resolved |= {name: layer[name] for name in _NAMES if layer.get(name) is not None}
    return Parameters(**resolved)
