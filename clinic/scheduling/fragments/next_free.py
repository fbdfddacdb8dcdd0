"""The next free times of a doctor, as the page that finds doctors and every push draw them."""

from __future__ import annotations

import datetime as dt
import uuid

from clinic.lib.fragments import Fragment
from clinic.lib.pieces import render_piece
from clinic.people.models import Practitioner
from clinic.people.viewer import VISITOR
from clinic.scheduling.presenters import next_free as present
from clinic.scheduling.selectors import availability, practitioners
from clinic.scheduling.selectors import next_free as reads


def next_chips(
    *,
    practitioner_id: uuid.UUID,
    visit_type_id: uuid.UUID | None,
    now: dt.datetime,
    modality: str | None = None,
) -> Fragment:
    """Return the chips of one doctor. Raises NotOffered where nothing of theirs can be booked."""
    answer = reads.next_free(
        viewer=VISITOR,
        practitioner_ids=[practitioner_id],
        visit_type_id=visit_type_id,
        modality=modality,
        now=now,
    ).get(practitioner_id)
    practitioner = practitioners.approved_practitioner(
        viewer=VISITOR, practitioner_id=practitioner_id
    )
    if answer is None or practitioner is None:
        raise availability.NotOffered
    return chips_of(answer, practitioner=practitioner, modality=modality, now=now)


def chips_of(
    answer: reads.NextFree, *, practitioner: Practitioner, modality: str | None, now: dt.datetime
) -> Fragment:
    """Return the chips of an answer that has been read already."""
    chips = present.next_chips(answer, practitioner=practitioner, modality=modality, now=now)
    html = render_piece("scheduling/_next.html", {"next": chips})
    return Fragment(version=answer.version, pieces={chips.id: html}, wakes_at=answer.wakes_at)
