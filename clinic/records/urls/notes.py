"""Visit notes."""

from django.urls import path

from clinic.records.views import (
    follow_ups,
    note_compare,
    note_edit,
    note_paper,
    note_sign,
    notes,
    visits,
    vitals,
)

_note = "notes/<uuid:note_id>/"

urlpatterns = [
    path("notes/", notes.note_list, name="note_list"),
    path("visits/<uuid:encounter_id>/note/", note_edit.note_start, name="note_start"),
    path(_note, notes.note_detail, name="note_detail"),
    path(f"{_note}edit/", note_edit.note_edit, name="note_edit"),
    path(f"{_note}save/", note_edit.note_save, name="note_save"),
    path(f"{_note}compare/", note_compare.note_compare, name="note_compare"),
    path(f"{_note}measurements/", vitals.note_vitals, name="note_vitals"),
    path(f"{_note}follow-ups/", follow_ups.follow_up_add, name="follow_up_add"),
    path(
        f"{_note}follow-ups/<uuid:follow_up_id>/withdraw/",
        follow_ups.follow_up_withdraw,
        name="follow_up_withdraw",
    ),
    path(f"{_note}sign/", note_sign.note_sign, name="note_sign"),
    path(f"{_note}release/", note_sign.note_release, name="note_release"),
    path(f"{_note}addition/", note_sign.note_addition, name="note_addition"),
    path(f"{_note}discard/", note_sign.note_discard, name="note_discard"),
    path(f"{_note}after-visit.pdf", note_paper.after_visit, name="after_visit"),
    path(f"{_note}prescription.pdf", note_paper.prescription_pdf, name="prescription_pdf"),
    path(f"{_note}restore/", note_sign.note_restore, name="note_restore"),
]

# Named by the visit, for pages that know no patient's record.
visit_patterns = [path("note/", visits.visit_note, name="visit_note")]
