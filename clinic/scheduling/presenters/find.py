"""The page that finds doctors: its choices, its result cards, its pages."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import get_language_info, gettext
from django.utils.translation import gettext_lazy as _

from clinic.lib.fragments import Fragment
from clinic.people.choices import Specialty
from clinic.scheduling.selectors.practitioners import Found, FoundPractitioner

WHEN = (("any", _("Any day")), ("today", _("Today")), ("week", _("This week")))


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Pill:
    """A kind of visit as a link that keeps the rest of the search."""

    href: str
    icon: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Options:
    specialties: tuple[Option, ...]
    places: tuple[Option, ...]
    when: tuple[Option, ...]
    kinds: tuple[Pill, ...]
    kind: str


@dataclass(frozen=True, slots=True)
class Result:
    """A doctor's card."""

    id: str
    href: str
    name: str
    initials: str
    specialty: str
    places: str
    languages: str
    next: str


def options(data: Mapping[str, Any], found: Found) -> Options:
    place = str(data["place"])
    places = [("", gettext("Anywhere"))]
    places += [(str(site.pk), site.name) for site in sorted(found.sites.values(), key=_name)]
    places += [("video", gettext("Video visit")), ("phone", gettext("Phone call"))]
    specialties = [("", gettext("Any specialty")), *Specialty.choices]
    return Options(
        specialties=_options(specialties, data["specialty"]),
        places=_options(places, place),
        when=_options(list(WHEN), data["when"] or "any"),
        kinds=_pills(data, found),
        kind=data["type"].hex if data["type"] else "",
    )


def _name(site: Any) -> str:
    return str(site.name)


def _options(pairs: list[Any], chosen: str) -> tuple[Option, ...]:
    return tuple(Option(str(value), str(label), str(value) == chosen) for value, label in pairs)


def _pills(data: Mapping[str, Any], found: Found) -> tuple[Pill, ...]:
    address = reverse("scheduling:practitioner_list")
    kept = {key: str(data[key]) for key in ("q", "specialty", "place", "when") if data[key]}
    pills = [Pill(_href(address, kept), "list", gettext("Any visit"), data["type"] is None)]
    pills += [
        Pill(
            _href(address, kept | {"type": kind.pk.hex}),
            kind.icon,
            kind.name,
            kind.pk == data["type"],
        )
        for kind in found.visit_types
    ]
    return tuple(pills)


def _href(address: str, query: Mapping[str, str]) -> str:
    return f"{address}?{urlencode(query)}" if query else address


def results(found: Found, chips: Mapping[uuid.UUID, Fragment]) -> list[Result]:
    return [_result(row, chips[row.practitioner.pk]) for row in found.listed]


def _result(row: FoundPractitioner, chips: Fragment) -> Result:
    doctor = row.practitioner
    [html] = chips.pieces.values()
    address = reverse("scheduling:slot_list", args=[doctor.pk])
    return Result(
        id=f"doctor-{doctor.pk.hex}",
        href=f"{address}?type={row.next.visit_type_id.hex}",
        name=doctor.full_name,
        initials=doctor.initials,
        specialty=str(Specialty(doctor.specialty).label),
        places=", ".join(site.name for site in row.next.sites.values()),
        languages=", ".join(map(language_name, doctor.languages)),
        next=html,
    )


# Languages that Django does not list, by their names for themselves.
_MORE_LANGUAGES = {
    "am": "አማርኛ",
    "fil": "Filipino",
    "ha": "Hausa",
    "so": "Soomaali",
    "ti": "ትግርኛ",
    "tw": "Twi",
    "yo": "Yorùbá",
    "zu": "isiZulu",
}


def language_name(code: str) -> str:
    """Return a language's name for itself ("Deutsch"), the code where nobody knows it."""
    try:
        name = str(get_language_info(code)["name_local"])
    except KeyError:
        return _MORE_LANGUAGES.get(code, code)
    return name[:1].upper() + name[1:]


@dataclass(frozen=True, slots=True)
class Pages:
    previous: str
    next: str
    number: int
    total: int


def pages(found: Found, query: str) -> Pages | None:
    """Return links to the pages before and after, None where one page holds all."""
    if found.pages == 1:
        return None
    prefix = f"?{query}&page=" if query else "?page="
    return Pages(
        previous=f"{prefix}{found.page - 1}" if found.page > 1 else "",
        next=f"{prefix}{found.page + 1}" if found.page < found.pages else "",
        number=found.page,
        total=found.pages,
    )
