"""What an import read, found there already, kept whole and did not understand."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Report:
    """Counts by resource type; `not_understood` by "Type.element", `problems` by reason."""

    bundles: int = 0
    read: Counter[str] = field(default_factory=Counter)
    written: Counter[str] = field(default_factory=Counter)
    kept_whole: Counter[str] = field(default_factory=Counter)
    not_understood: Counter[str] = field(default_factory=Counter)
    problems: Counter[str] = field(default_factory=Counter)

    def add(self, other: Report) -> None:
        """Add another report's counts to this one."""
        self.bundles += other.bundles
        for name in ("read", "written", "kept_whole", "not_understood", "problems"):
            getattr(self, name).update(getattr(other, name))

    def lines(self) -> list[str]:
        """Return the report as lines of text, the same for the same counts."""
        shown = [
            f"{self.bundles} bundles",
            "",
            f"{'resource':<22}{'read':>8}{'new':>8}{'whole':>8}",
        ]
        for kind in sorted(self.read):
            counts = (self.read[kind], self.written[kind], self.kept_whole[kind])
            shown.append(f"{kind:<22}" + "".join(f"{count:>8}" for count in counts))
        shown += _section("Kept beside the record, no column for it", self.not_understood)
        return shown + _section("Could not be read", self.problems)


def _section(title: str, counts: Counter[str]) -> list[str]:
    if not counts:
        return []
    return ["", title, *(f"  {count:>6}  {name}" for name, count in sorted(counts.items()))]
