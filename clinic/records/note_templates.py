"""Templates of visit notes: what is worth asking, section by section, for each kind of visit.

A template never writes into the note by itself: its prompts stand beside the field and are put in
with a press, so that changing the template loses nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Prompts = Mapping[str, tuple[Promise | str, ...]]


@dataclass(frozen=True, slots=True)
class NoteTemplate:
    """The prompts of one kind of visit; `visit_types` are the slugs it is offered first for."""

    slug: str
    name: Promise | str
    visit_types: tuple[str, ...]
    prompts: Prompts


GENERAL = NoteTemplate(
    "general",
    _("General"),
    (),
    {
        "subjective": (_("Since when"), _("What makes it better or worse"), _("Tried so far")),
        "objective": (_("General condition"), _("Examination")),
        "assessment": (_("Working diagnosis"), _("Also possible")),
        "plan": (_("Tests"), _("Treatment"), _("Come back if")),
        "instructions": (_("What to do"), _("When to call us")),
    },
)

TEMPLATES: tuple[NoteTemplate, ...] = (
    GENERAL,
    NoteTemplate(
        "new-symptom",
        _("New symptom"),
        ("new-symptom",),
        {
            "subjective": (
                _("Began"),
                _("Where and how it feels"),
                _("How strong, 0 to 10"),
                _("What makes it better or worse"),
                _("What comes with it"),
                _("Worries most about"),
            ),
            "objective": (_("General condition"), _("Examination"), _("No warning signs")),
            "assessment": (
                _("Working diagnosis"),
                _("Also possible"),
                _("Warning signs looked for"),
            ),
            "plan": (_("Tests"), _("Treatment"), _("Referral"), _("Come back if")),
            "instructions": (_("What to do at home"), _("Come back at once if")),
        },
    ),
    NoteTemplate(
        "follow-up",
        _("Follow-up"),
        ("follow-up",),
        {
            "subjective": (
                _("Since the last visit"),
                _("Takes the medicines"),
                _("Side effects"),
                _("Own readings"),
            ),
            "objective": (_("Examination"), _("Results since then")),
            "assessment": (_("Better, the same or worse"), _("Goal reached")),
            "plan": (_("Go on with"), _("Change"), _("Next check")),
            "instructions": (_("What stays the same"), _("What is new")),
        },
    ),
    NoteTemplate(
        "prescription",
        _("Prescription renewal"),
        ("prescription",),
        {
            "subjective": (_("Takes it as agreed"), _("Side effects"), _("Still needed for")),
            "objective": (_("Last readings and results"),),
            "assessment": (_("Indication stands"), _("Interactions looked at")),
            "plan": (_("Prescribed"), _("Check before the next renewal")),
            "instructions": (_("How to take it"), _("Renew before")),
        },
    ),
    NoteTemplate(
        "health-check",
        _("Health check"),
        ("health-check",),
        {
            "subjective": (
                _("Well-being and sleep"),
                _("Movement"),
                _("Food"),
                _("Tobacco and alcohol"),
                _("Family history"),
            ),
            "objective": (_("Heart and lungs"), _("Abdomen"), _("Skin"), _("Blood results")),
            "assessment": (_("Cardiovascular risk"), _("Screening due"), _("Vaccinations due")),
            "plan": (_("Screening"), _("Vaccinations"), _("Next check")),
            "instructions": (_("Your results"), _("What you can do"), _("Next check")),
        },
    ),
    NoteTemplate(
        "vaccination",
        _("Vaccination"),
        ("vaccination",),
        {
            "subjective": (_("Well today, no fever"), _("Earlier reactions"), _("Pregnancy")),
            "objective": (_("Vaccine, batch, site of injection"),),
            "assessment": (_("No reason against it"),),
            "plan": (_("Informed and agreed"), _("Watched for 15 minutes"), _("Next dose")),
            "instructions": (_("Usual after it"), _("Come back at once if"), _("Next dose")),
        },
    ),
    NoteTemplate(
        "child",
        _("Child visit"),
        ("child",),
        {
            "subjective": (
                _("Told by"),
                _("Drinking, eating, nappies"),
                _("Fever, how high and since when"),
                _("Vaccinations up to date"),
            ),
            "objective": (_("Alert, playing"), _("Breathing"), _("Ears, throat"), _("Growth")),
            "assessment": (_("Working diagnosis"), _("No warning signs")),
            "plan": (_("Treatment by weight"), _("Nursery or school"), _("Come back if")),
            "instructions": (_("Care at home"), _("Call or come at once if")),
        },
    ),
    NoteTemplate(
        "specialist",
        _("Specialist opinion"),
        ("specialist",),
        {
            "subjective": (_("Sent by, question"), _("Course so far"), _("Treated with")),
            "objective": (_("Examination"), _("Tests done here"), _("Results brought along")),
            "assessment": (_("Answer to the question"), _("Grounds")),
            "plan": (_("Recommended"), _("By the family doctor"), _("Here again")),
            "instructions": (_("What we found"), _("What happens next")),
        },
    ),
)

BY_SLUG: Mapping[str, NoteTemplate] = {template.slug: template for template in TEMPLATES}


def template_for(visit_type_slug: str) -> NoteTemplate:
    """Return the template that a kind of visit begins with; the general one for any other."""
    for template in TEMPLATES:
        if visit_type_slug in template.visit_types:
            return template
    return GENERAL


def template_of(slug: str) -> NoteTemplate:
    """Return a template by its slug; the general one where it is not known any more."""
    return BY_SLUG.get(slug, GENERAL)
