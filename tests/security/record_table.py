"""Who opens which address of the record: the table of `test_record_matrix`.

Whoever adds an address adds a row. A row says who gets an answer to GET (and HEAD) and to POST;
everybody else gets 404. A method that an address does not serve answers 405 to all.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.security.record_cast import (
    ADMINISTRATOR,
    CARE,
    CARE_ENDED,
    GLASS,
    GLASS_OVER,
    NO_CARE,
    OWN,
    READER,
    WRITER,
)

NOBODY: frozenset[str] = frozenset()
PATIENTS = frozenset({OWN, READER, WRITER})
DOCTORS = frozenset({CARE, GLASS})
READERS = PATIENTS | DOCTORS
PATIENTS_WRITING = frozenset({OWN, WRITER})
WRITERS = PATIENTS_WRITING | DOCTORS
AUTHOR = frozenset({CARE})
ADMINISTRATORS = frozenset({ADMINISTRATOR})
# These pages are about the doctor, not about one patient.
ANY_DOCTOR = frozenset({CARE, NO_CARE, CARE_ENDED, GLASS, GLASS_OVER})

# Who may watch the topic of a record.
WATCHERS = READERS


@dataclass(frozen=True)
class Row:
    """Who gets past GET and HEAD, and who past POST."""

    get: frozenset[str] = NOBODY
    post: frozenset[str] = NOBODY

    def allowed(self, method: str) -> frozenset[str]:
        if method in ("get", "head"):
            return self.get
        return self.post if method == "post" else NOBODY


READ = Row(get=READERS)
READ_BY_DOCTORS = Row(get=DOCTORS)
EDIT = Row(get=WRITERS, post=WRITERS)
EDIT_BY_DOCTORS = Row(get=DOCTORS, post=DOCTORS)
WRITE = Row(post=WRITERS)
WRITE_BY_DOCTORS = Row(post=DOCTORS)
EDIT_BY_PATIENTS = Row(get=PATIENTS_WRITING, post=PATIENTS_WRITING)
WRITE_BY_PATIENTS = Row(post=PATIENTS_WRITING)
# The note of the table is a draft of the doctor who treats: nobody else sees that it exists.
DRAFT = Row(get=AUTHOR, post=AUTHOR)
# For signed, released or discarded notes, which the draft is not.
NOT_OF_A_DRAFT = Row()
# The section of the table is conditions, and this act is for allergies.
NOT_IN_THIS_SECTION = Row()

ROWS: dict[str, Row] = {
    # Overview and time line.
    "records:overview": READ,
    "records:summary": READ_BY_DOCTORS,
    "records:timeline": Row(get=READERS, post=READERS),
    "records:patient_list": Row(get=ANY_DOCTOR),
    "records:visit_note": EDIT_BY_DOCTORS,
    "records:visit_summary": Row(get=AUTHOR),
    # History.
    "records:history": READ,
    "records:history_section": READ,
    "records:history_add": EDIT,
    "records:history_edit": EDIT,
    "records:history_act": WRITE,
    "records:history_confirm": WRITE_BY_DOCTORS,
    "records:allergy_none": WRITE,
    "records:allergy_stop": NOT_IN_THIS_SECTION,
    "records:lifestyle_edit": EDIT,
    "records:proposal_list": READ,
    "records:proposal_accept": WRITE_BY_DOCTORS,
    "records:proposal_accept_all": WRITE_BY_DOCTORS,
    "records:proposal_decline": WRITE_BY_DOCTORS,
    "records:proposal_withdraw": WRITE_BY_PATIENTS,
    # Medicines.
    "records:medication_list": READ,
    "records:medication_detail": READ,
    "records:medication_plan": READ,
    "records:medication_plan_pdf": READ,
    "records:medication_new": EDIT,
    "records:medication_edit": EDIT,
    "records:medication_stop": EDIT,
    "records:medication_pause": EDIT,
    "records:medication_filled": EDIT,
    "records:medication_act": WRITE_BY_DOCTORS,
    "records:dose_mark": WRITE_BY_PATIENTS,
    "records:dose_reminders": WRITE_BY_PATIENTS,
    "records:prescription_new": EDIT_BY_DOCTORS,
    "records:prescription_renew": EDIT_BY_DOCTORS,
    "records:prescription_cancel": EDIT_BY_DOCTORS,
    # Measurements.
    "records:measurement_list": READ,
    "records:measurement_detail": READ,
    "records:measurement_like": READ,
    "records:measurement_new": EDIT,
    "records:measurement_edit": EDIT,
    "records:measurement_mistake": EDIT,
    "records:measurement_units": Row(post=READERS),
    # Visit notes.
    "records:note_list": READ,
    "records:note_start": EDIT_BY_DOCTORS,
    "records:note_detail": Row(get=AUTHOR),
    "records:note_edit": DRAFT,
    "records:note_save": DRAFT,
    "records:note_compare": Row(get=AUTHOR),
    "records:note_vitals": DRAFT,
    "records:note_sign": DRAFT,
    "records:note_discard": DRAFT,
    "records:note_release": NOT_OF_A_DRAFT,
    "records:note_addition": DRAFT,
    "records:note_restore": NOT_OF_A_DRAFT,
    "records:after_visit": NOT_OF_A_DRAFT,
    "records:prescription_pdf": NOT_OF_A_DRAFT,
    "records:follow_up_add": DRAFT,
    "records:follow_up_withdraw": WRITE_BY_DOCTORS,
    # Documents.
    "records:document_list": READ,
    "records:document_new": EDIT,
    "records:document_detail": READ,
    "records:document_preview": READ,
    "records:document_download": READ,
    "records:document_edit": EDIT,
    "records:document_remove": EDIT,
    # The patient's rights.
    "records:rights": Row(get=PATIENTS),
    "records:correction_list": READ,
    "records:correction_new": EDIT_BY_PATIENTS,
    "records:correction_about": EDIT_BY_PATIENTS,
    "records:correction_answer": WRITE_BY_DOCTORS,
    "records:erasure_list": Row(get=ADMINISTRATORS, post=ADMINISTRATORS),
    "records:erasure_execute": Row(post=ADMINISTRATORS),
    "records:erasure_refuse": Row(post=ADMINISTRATORS),
    # Who opens it and who did.
    "records:access_log": Row(get=PATIENTS),
    "records:emergency_find": Row(get=ANY_DOCTOR, post=ANY_DOCTOR),
    # Who has access already is led to the record; the others search first.
    "records:emergency_open": EDIT_BY_DOCTORS,
    "records:emergency_end": Row(post=frozenset({GLASS})),
    "records:emergency_list": Row(get=ADMINISTRATORS),
    "records:emergency_review": Row(post=ADMINISTRATORS),
}

# Ids that name one entry of one record.
NAMES_ENTRY = frozenset(
    {
        *("history_id", "proposal_id", "statement_id", "request_id", "observation_id"),
        *("encounter_id", "note_id", "follow_up_id", "document_id"),
        *("correction_id", "entry_id"),
    }
)
# What a form needs to say, where an empty one is no request at all.
POSTED: dict[str, dict[str, str]] = {
    "records:measurement_units": {"units": "metric"},
    "records:correction_answer": {"outcome": "declined", "answer": "It stays as measured."},
}
