"""What the actions of the trail are called in plain words. An unknown one keeps its code."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

# Whole sentences, for what reads badly when it is put together from the two lists below.
SENTENCES: dict[str, Promise] = {
    "account.signed_in": gettext_lazy("Signed in"),
    "account.signed_out": gettext_lazy("Signed out"),
    "account.sign_in_failed": gettext_lazy("Tried to sign in and failed"),
    "account.registered": gettext_lazy("Made an account"),
    "account.closed": gettext_lazy("Closed an account"),
    "account.reopened": gettext_lazy("Opened an account again"),
    "account.email_changed": gettext_lazy("Changed the e-mail address"),
    "account.email_confirmed": gettext_lazy("Confirmed the e-mail address"),
    "account.password_changed": gettext_lazy("Changed the password"),
    "account.preferences_changed": gettext_lazy("Changed preferences"),
    "account.confirmed_again": gettext_lazy("Confirmed who they are"),
    "account.confirmation_failed": gettext_lazy("Failed to confirm who they are"),
    "appointment.opened": gettext_lazy("Looked at a visit"),
    "appointment.moved": gettext_lazy("Moved a visit"),
    "appointment.late": gettext_lazy("Said that they will be late"),
    "appointment.held": gettext_lazy("Held a time"),
    "appointment.booked": gettext_lazy("Booked a visit"),
    "appointment.cancelled": gettext_lazy("Cancelled a visit"),
    "appointment.confirmed": gettext_lazy("Confirmed a visit"),
    "appointment.noshow": gettext_lazy("Marked a visit as missed"),
    "appointment.arrived": gettext_lazy("Marked the patient as arrived"),
    "appointment.checked-in": gettext_lazy("Took the patient into the room"),
    "appointment.fulfilled": gettext_lazy("Ended a visit"),
    "appointment.undone": gettext_lazy("Undid the last step of a visit"),
    "appointment.approved": gettext_lazy("Approved a requested visit"),
    "record.read": gettext_lazy("Read the health record"),
    "record.imported": gettext_lazy("Imported into the health record"),
    "record.exported": gettext_lazy("Exported the health record"),
    "erasure.requested": gettext_lazy("Asked for the erasure of a record"),
    "erasure.refused": gettext_lazy("Refused the erasure of a record"),
    "erasure.executed": gettext_lazy("Destroyed a record"),
    "document.downloaded": gettext_lazy("Downloaded a document"),
    "patient.registered": gettext_lazy("Registered a patient"),
    "patient.updated": gettext_lazy("Changed contact details"),
    "role.granted": gettext_lazy("Gave a role"),
    "role.ended": gettext_lazy("Took a role away"),
    "proxy.acting_started": gettext_lazy("Began to act for a patient"),
    "proxy.acting_ended": gettext_lazy("Ended acting for a patient"),
    "schedule.week": gettext_lazy("Changed weekly hours"),
    "schedule.date": gettext_lazy("Changed the hours of a day"),
    "schedule.absence": gettext_lazy("Changed an absence"),
    "schedule.closure": gettext_lazy("Changed a closure"),
    "trail.read": gettext_lazy("Read the audit trail"),
    "trail.exported": gettext_lazy("Exported the audit trail"),
    "audit.verified": gettext_lazy("Verified the audit trail"),
    "audit.event_refused": gettext_lazy("Found a forged or changed event"),
    "crypto.open_refused": gettext_lazy("Found sealed data that was altered"),
}

THINGS: dict[str, Promise] = {
    "allergy": gettext_lazy("Allergy"),
    "appointment": gettext_lazy("Visit"),
    "condition": gettext_lazy("Condition"),
    "correction": gettext_lazy("Correction"),
    "document": gettext_lazy("Document"),
    "encounter": gettext_lazy("Encounter"),
    "familymemberhistory": gettext_lazy("Family history"),
    "immunization": gettext_lazy("Immunization"),
    "invitation": gettext_lazy("Invitation"),
    "lifestyle": gettext_lazy("Lifestyle"),
    "medication": gettext_lazy("Medication"),
    "note": gettext_lazy("Visit note"),
    "observation": gettext_lazy("Measurement"),
    "offering": gettext_lazy("Offered visit type"),
    "offerings": gettext_lazy("Offered visit types"),
    "practitioner": gettext_lazy("Doctor"),
    "procedure": gettext_lazy("Procedure"),
    "proposal": gettext_lazy("Proposed change"),
    "proxy": gettext_lazy("Carer"),
    "room": gettext_lazy("Room"),
    "site": gettext_lazy("Site"),
    "visit_type": gettext_lazy("Visit type"),
}

DEEDS: dict[str, Promise] = {
    "accepted": gettext_lazy("accepted"),
    "added": gettext_lazy("added"),
    "amended": gettext_lazy("amended"),
    "approved": gettext_lazy("approved"),
    "changed": gettext_lazy("changed"),
    "completed": gettext_lazy("completed"),
    "confirmed": gettext_lazy("confirmed"),
    "created": gettext_lazy("created"),
    "declined": gettext_lazy("declined"),
    "discarded": gettext_lazy("discarded"),
    "filed": gettext_lazy("asked for"),
    "filled": gettext_lazy("filled"),
    "granted": gettext_lazy("granted"),
    "invited": gettext_lazy("invited"),
    "made": gettext_lazy("made"),
    "marked_mistaken": gettext_lazy("marked as entered by mistake"),
    "none_stated": gettext_lazy("stated that there is none"),
    "opened": gettext_lazy("opened"),
    "paused": gettext_lazy("paused"),
    "prescribed": gettext_lazy("prescribed"),
    "registered": gettext_lazy("registered"),
    "released": gettext_lazy("released to the patient"),
    "removed": gettext_lazy("removed"),
    "renamed": gettext_lazy("renamed"),
    "restarted": gettext_lazy("restarted"),
    "revoked": gettext_lazy("revoked"),
    "saved": gettext_lazy("saved"),
    "sent": gettext_lazy("sent"),
    "signed": gettext_lazy("signed"),
    "started": gettext_lazy("started"),
    "stopped": gettext_lazy("stopped"),
    "updated": gettext_lazy("updated"),
    "withdrawn": gettext_lazy("withdrawn"),
}


def words_for(action: str) -> str:
    """Return the plain words of an action, its code where nobody has given it any."""
    if action in SENTENCES:
        return str(SENTENCES[action])
    thing, _dot, deed = action.partition(".")
    if thing in THINGS and deed in DEEDS:
        return _("%(thing)s: %(deed)s") % {"thing": THINGS[thing], "deed": DEEDS[deed]}
    return action
