"""What a doctor is told before a prescription is written: allergies, duplicates, interactions.

`compare` is pure: it is given what each medicine contains. Nothing here looks at doses, kidneys,
pregnancy, herbal products or anything beyond the lists that ship, and every page says so.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.records.choices import AllergyCategory, AllergyKind, ProposalAction, ProposalKind
from clinic.records.dosage import Dosage
from clinic.records.models import AllergyIntolerance, ChangeProposal
from clinic.records.permissions import RecordAccess
from clinic.records.presenters.frame import AllergyLine, allergy_line, said_allergy_line
from clinic.records.selectors.frame import head_of
from clinic.records.selectors.medications import current_and_paused
from clinic.records.selectors.proposals import open_proposals
from clinic.terminology import drugs, interactions, selectors, words
from clinic.terminology.coded import Coded
from clinic.terminology.drugs import Contents
from clinic.terminology.interactions import Severity


class Kind(models.TextChoices):
    ALLERGY = "allergy", gettext_lazy("Allergy")
    CROSS_ALLERGY = "cross-allergy", gettext_lazy("Related to an allergy")
    SAME_INGREDIENT = "same-ingredient", gettext_lazy("Taken already")
    SAME_CLASS = "same-class", gettext_lazy("Same kind of medicine")
    INTERACTION = "interaction", gettext_lazy("Interaction")
    NOT_COMPARED = "not-compared", gettext_lazy("Not compared")


class Level(models.TextChoices):
    """How much a warning weighs: a severe one needs a reason to go on."""

    SEVERE = "severe", gettext_lazy("Severe")
    CAUTION = "caution", gettext_lazy("Take care")
    NOTE = "note", gettext_lazy("Note")


@dataclass(frozen=True, slots=True)
class Warning:
    """One thing to know before prescribing: against what, how bad, and who says so."""

    kind: Kind
    level: Level
    about: str
    says: str
    source: str = ""

    @property
    def is_severe(self) -> bool:
        return self.level == Level.SEVERE

    def as_json(self) -> dict[str, str]:
        """Return what is kept with a prescription that was written all the same."""
        return {"kind": str(self.kind), "level": str(self.level), "about": self.about}


@dataclass(frozen=True, slots=True)
class Medicine:
    """A medicine by its name on file and what it contains; no ingredient means not known."""

    label: str
    contents: Contents


@dataclass(frozen=True, slots=True)
class Allergy:
    """What somebody must not be given. `own` are its classes, `related` those that react alike;
    `is_other` says that it is no medicine at all.
    """

    label: str
    about: str
    is_dangerous: bool
    is_intolerance: bool
    ingredients: frozenset[str]
    own: frozenset[str]
    related: frozenset[str]
    is_other: bool = False

    @property
    def is_unknown(self) -> bool:
        """A medicine that is on no list; what is said to be food or pollen is none."""
        return not (self.ingredients or self.own or self.is_other)


def check_order(
    *, access: RecordAccess, coded: Coded, dosage: Dosage, replaces: uuid.UUID | None = None
) -> list[Warning]:
    """Return what speaks against ordering a medicine for this patient, the worst first.

    `replaces` is the medicine on file that the order goes on with; it is no duplicate of itself.
    What the patient says counts as well, before a doctor has decided on it. The dosage is not
    judged.
    """
    current, paused = current_and_paused(access=access)
    others = [_named(row.coded) for row in (*current, *paused) if row.pk != replaces]
    others += [_named(said) for said in said_medicines(access=access)]
    head = head_of(access=access)
    allergies = [allergy_of(row) for row in head.allergies]
    allergies += [said_allergy_of(proposal) for proposal in head.said]
    return compare(ordered=_named(coded), taken=others, allergies=allergies)


def compare(
    *, ordered: Medicine, taken: Sequence[Medicine], allergies: Sequence[Allergy]
) -> list[Warning]:
    """Return the warnings about one ordered medicine, the worst first."""
    if not ordered.contents.ingredients:
        return [_unknown([ordered.label])]
    warnings = [
        *(warning for one in allergies if (warning := against_allergy(ordered, one))),
        *(warning for other in taken if (warning := as_duplicate(ordered, other))),
        *against_others(ordered, taken),
    ]
    unknown = [one.label for one in taken if not one.contents.ingredients]
    unknown += [one.label for one in allergies if one.is_unknown]
    if unknown:
        warnings.append(_unknown(unknown))
    order = list(Level)
    return sorted(warnings, key=lambda warning: order.index(warning.level))


def against_allergy(ordered: Medicine, allergy: Allergy) -> Warning | None:
    """Return the warning about one allergy: the same ingredient or class, or a related class."""
    ingredients, classes = set(ordered.contents.ingredients), set(ordered.contents.classes)
    about = ", ".join(filter(None, (allergy.label, allergy.about)))
    if ingredients & allergy.ingredients or classes & allergy.own:
        mild = allergy.is_intolerance and not allergy.is_dangerous
        level = Level.CAUTION if mild else Level.SEVERE
        return Warning(Kind.ALLERGY, level, about, _why_the_same(ordered, allergy))
    if shared := classes & allergy.related:
        why = next(filter(None, map(drugs.why_cross_reactive, sorted(allergy.own))), "")
        says = _("%(medicine)s is a %(class)s.") % {
            "medicine": ordered.label,
            "class": sorted(shared)[0],
        }
        level = Level.SEVERE if allergy.is_dangerous else Level.CAUTION
        return Warning(Kind.CROSS_ALLERGY, level, about, f"{says} {why}".strip())
    return None


def _why_the_same(ordered: Medicine, allergy: Allergy) -> str:
    if same := set(ordered.contents.ingredients) & allergy.ingredients:
        return _("%(medicine)s holds %(ingredient)s.") % {
            "medicine": ordered.label,
            "ingredient": ", ".join(sorted(same)),
        }
    shared = sorted(set(ordered.contents.classes) & allergy.own)
    return _("%(medicine)s is a %(class)s.") % {"medicine": ordered.label, "class": shared[0]}


def as_duplicate(ordered: Medicine, other: Medicine) -> Warning | None:
    """Return the warning that something is taken already: the same ingredient, or its like."""
    same = [one for one in ordered.contents.ingredients if one in other.contents.ingredients]
    if same:
        says = _("It holds %(ingredient)s as well.") % {"ingredient": ", ".join(same)}
        return Warning(Kind.SAME_INGREDIENT, Level.SEVERE, other.label, says)
    both = [*ordered.contents.ingredients, *other.contents.ingredients]
    for found in drugs.doubled(both):
        # Two of a class within one product are meant to be there.
        if any(one in other.contents.ingredients for one in found.ingredients) and any(
            one in ordered.contents.ingredients for one in found.ingredients
        ):
            says = _("Both are a %(class)s.") % {"class": found.of_class}
            return Warning(Kind.SAME_CLASS, Level.CAUTION, other.label, says)
    return None


def against_others(ordered: Medicine, taken: Iterable[Medicine]) -> list[Warning]:
    """Return the interactions with what is taken, each pair of medicines at its worst."""
    warnings = []
    for other in taken:
        mine, theirs = set(ordered.contents.ingredients), set(other.contents.ingredients)
        for found in interactions.check_pairs(sorted(mine | theirs)):
            pair = {found.first, found.second}
            if not (pair & mine and pair & theirs) or pair <= mine or pair <= theirs:
                continue
            level = Level.CAUTION if found.severity == Severity.CAUTION else Level.SEVERE
            warnings.append(
                Warning(Kind.INTERACTION, level, other.label, found.sentence, found.source)
            )
            break
    return warnings


def allergy_of(row: AllergyIntolerance) -> Allergy:
    """Return an allergy on file with what it is about, as far as the lists that ship tell."""
    return _allergy(row.coded, allergy_line(row), kind=row.kind, category=row.category)


def said_allergy_of(proposal: ChangeProposal) -> Allergy:
    """Return an allergy that the patient says and no doctor has decided on."""
    return _allergy(
        Coded.from_json(proposal.said.get("concept")),
        said_allergy_line(proposal),
        kind=proposal.said.get("kind", ""),
        category=proposal.said.get("category", ""),
    )


def said_medicines(*, access: RecordAccess) -> list[Coded]:
    """Return the medicines that the patient says are taken and that are not on file yet."""
    return [
        Coded.from_json(proposal.said.get("concept"))
        for proposal in open_proposals(access=access)
        if proposal.kind == ProposalKind.MEDICATION and proposal.action == ProposalAction.ADD
    ]


def _allergy(coded: Coded, line: AllergyLine, *, kind: str, category: str) -> Allergy:
    contents = selectors.ingredients_of(text=coded.text, system=coded.system, code=coded.code)
    ingredients = frozenset(contents.ingredients)
    related = {
        name for one in ingredients for name in selectors.cross_reactive(ingredient_or_class=one)
    }
    own = related & set(contents.classes)
    if not ingredients:
        own, related = _named_classes(coded.text)
    return Allergy(
        label=line.substance,
        about=line.about,
        is_dangerous=line.is_severe,
        is_intolerance=kind == AllergyKind.INTOLERANCE,
        ingredients=ingredients,
        own=frozenset(own),
        related=frozenset(related) - frozenset(own),
        is_other=category in (AllergyCategory.FOOD, AllergyCategory.ENVIRONMENT),
    )


def _named_classes(text: str) -> tuple[set[str], set[str]]:
    """Return the class that a text names ("penicillins", "sulfa") and those that react alike."""
    for name in (text, *words.cut(text)):
        found = selectors.cross_reactive(ingredient_or_class=name)
        if found:
            return {found[0]}, set(found)
    return set(), set()


def _named(coded: Coded) -> Medicine:
    contents = selectors.ingredients_of(text=coded.text, system=coded.system, code=coded.code)
    return Medicine(coded.text, contents)


def _unknown(labels: Sequence[str]) -> Warning:
    says = _("We do not know what is in it, so nothing was compared with it.")
    return Warning(Kind.NOT_COMPARED, Level.NOTE, ", ".join(labels), says)
