"""The few display tags and filters of the design system."""

import datetime as dt
from functools import lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.forms import (
    BaseForm,
    BoundField,
    CheckboxInput,
    CheckboxSelectMultiple,
    PasswordInput,
    RadioSelect,
    Select,
    Textarea,
)
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from clinic.lib import times

register = template.Library()

SPRITE = "icons/icons.svg"


@register.simple_tag
def icon(name: str, classes: str = "") -> SafeString:
    """Draw one icon of the sprite; the words beside it carry the meaning, so it is hidden."""
    return format_html(
        '<svg class="{}" aria-hidden="true"><use href="{}#{}"/></svg>',
        f"ico {classes}".strip(),
        static(SPRITE),
        name,
    )


@register.simple_tag
def mark(classes: str = "brand__mark") -> SafeString:
    """Draw the product's mark: two leaves and a flower head, which is also a person."""
    return format_html(
        '<svg class="{}" aria-hidden="true"><use href="{}#mark"/></svg>', classes, static(SPRITE)
    )


@register.simple_tag
def module_preloads() -> SafeString:
    """Name every script module in the head: the imports of imports load in one round, not three."""
    lines = (('<link rel="modulepreload" href="{}">', static(path)) for path in _module_paths())
    return mark_safe("\n".join(format_html(line, url) for line, url in lines))  # noqa: S308


@lru_cache(maxsize=1)
def _module_paths() -> tuple[str, ...]:
    folder = settings.BASE_DIR / "static" / "js" / "modules"
    return tuple(f"js/modules/{path.name}" for path in sorted(folder.glob("*.js")))


@register.filter
def initials(name: str) -> str:
    """Return the first letters of the first and the last word of a name, without its title."""
    words = [word for word in str(name).split() if not word.endswith(".") and word not in TITLES]
    if not words:
        return ""
    ends = words if len(words) == 1 else [words[0], words[-1]]
    return "".join(word[0] for word in ends).upper()


TITLES = frozenset({"Dr", "Prof", "Mr", "Mrs", "Ms", "Mx"})


@register.filter
def in_zone(instant: dt.datetime, tz: str) -> dt.datetime:
    """Return an instant as the local time of a zone, naive, so that no filter converts it again."""
    return times.to_local(instant, tz).replace(tzinfo=None)


@register.filter
def clock_in(instant: dt.datetime, tz: str) -> str:
    """Return an instant as the hours and minutes that clocks in a zone show."""
    return times.format_clock(times.to_local(instant, tz))


@register.filter
def day_in(instant: dt.datetime, tz: str) -> str:
    """Return the day in words on which an instant falls in a zone: "Monday 16 November"."""
    return times.format_date(times.local_date(instant, tz))


@register.filter
def epoch_ms(instant: dt.datetime) -> int:
    """Return an instant in milliseconds since 1970, for data-deadline."""
    return int(instant.timestamp() * 1000)


@register.filter
def wrong_fields(form: BaseForm) -> list[BoundField]:
    """Return the visible fields of a form that were refused, in their order."""
    return [bound for bound in form.visible_fields() if bound.errors]


@register.simple_tag
def field(bound: BoundField, **options: Any) -> str:
    """Render a form's field as the .field component: label, control, hint and error tied together.

    `label`, `hint`, `icon` and `classes` replace what the form says; any other option becomes an
    attribute of the control, with "_" as "-" (`inputmode="numeric"`, `data_search=True`).
    """
    kind = _kind(bound)
    label = options.pop("label", bound.label)
    hint = options.pop("hint", bound.help_text)
    classes = options.pop("classes", "")
    attrs = {name.replace("_", "-"): value for name, value in options.items()}
    attrs |= _described(bound, hint=hint, kind=kind)
    attrs["class"] = f"{CONTROL_CLASSES[kind]} {classes}".strip()
    return render_to_string(
        "components/_field.html",
        {
            "bound": bound,
            "kind": kind,
            "label": label,
            "hint": hint,
            "control": bound.as_widget(attrs=attrs),
            "secret": isinstance(bound.field.widget, PasswordInput),
            "optional": not bound.field.required and kind not in ("check", "choices"),
        },
    )


CONTROL_CLASSES = {"input": "input", "select": "select", "area": "area", "check": "", "choices": ""}


def _kind(bound: BoundField) -> str:
    widget = bound.field.widget
    if isinstance(widget, (RadioSelect, CheckboxSelectMultiple)):
        return "choices"
    if isinstance(widget, CheckboxInput):
        return "check"
    if isinstance(widget, Select):
        return "select"
    return "area" if isinstance(widget, Textarea) else "input"


def _described(bound: BoundField, *, hint: str, kind: str) -> dict[str, str]:
    """Return the ARIA attributes of a control; Django's own miss a hint given in the template."""
    if kind == "choices":
        return {}
    told = [f"{bound.auto_id}_error"] if bound.errors else []
    if hint:
        told.append(f"{bound.auto_id}_helptext")
    attrs = {"aria-describedby": " ".join(told)} if told else {}
    if bound.errors:
        attrs["aria-invalid"] = "true"
    return attrs
