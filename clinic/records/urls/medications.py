"""Medicines, doses, prescriptions, the medication plan."""

from django.urls import path

from clinic.records.views import (
    medication_acts,
    medication_forms,
    medication_plan,
    medications,
    prescriptions,
)

_medicine = "medicines/<uuid:statement_id>/"
_prescription = "prescriptions/<uuid:request_id>/"

urlpatterns = [
    path("medicines/", medications.medication_list, name="medication_list"),
    path("medicines/add/", medication_forms.medication_new, name="medication_new"),
    path("medicines/plan/", medication_plan.medication_plan, name="medication_plan"),
    path("medicines/plan.pdf", medication_plan.medication_plan_pdf, name="medication_plan_pdf"),
    path(_medicine, medications.medication_detail, name="medication_detail"),
    path(f"{_medicine}edit/", medication_forms.medication_edit, name="medication_edit"),
    path(
        f"{_medicine}stop/",
        medication_forms.medication_end,
        {"act": "stop"},
        name="medication_stop",
    ),
    path(
        f"{_medicine}pause/",
        medication_forms.medication_end,
        {"act": "pause"},
        name="medication_pause",
    ),
    path(f"{_medicine}filled/", medication_acts.medication_filled, name="medication_filled"),
    path(f"{_medicine}reminders/", medication_acts.dose_reminders, name="dose_reminders"),
    path(f"{_medicine}dose/", medications.dose_mark, name="dose_mark"),
    path(f"{_medicine}<slug:act>/", medication_acts.medication_act, name="medication_act"),
    path("prescriptions/add/", prescriptions.prescription_new, name="prescription_new"),
    path(f"{_prescription}renew/", prescriptions.prescription_renew, name="prescription_renew"),
    path(f"{_prescription}cancel/", prescriptions.prescription_cancel, name="prescription_cancel"),
]
