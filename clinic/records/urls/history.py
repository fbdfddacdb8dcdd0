"""Conditions, allergies, procedures, vaccinations, family history, lifestyle; what is proposed."""

from django.urls import path

from clinic.records.views import history, history_forms, proposals

_section = "history/<slug:section>/"
_entry = f"{_section}<uuid:history_id>/"
_proposal = "history/proposals/<uuid:proposal_id>/"

urlpatterns = [
    path("history/", history.history, name="history"),
    path("history/no-known-allergies/", history.allergy_none, name="allergy_none"),
    path("history/proposals/", proposals.proposal_list, name="proposal_list"),
    path(
        "history/proposals/accept-all/", proposals.proposal_accept_all, name="proposal_accept_all"
    ),
    path(f"{_proposal}accept/", proposals.proposal_accept, name="proposal_accept"),
    path(f"{_proposal}decline/", proposals.proposal_decline, name="proposal_decline"),
    path(f"{_proposal}withdraw/", proposals.proposal_withdraw, name="proposal_withdraw"),
    path("history/lifestyle/add/", history_forms.lifestyle_edit, name="lifestyle_edit"),
    path(_section, history.history_section, name="history_section"),
    path(f"{_section}add/", history_forms.history_add, name="history_add"),
    path(f"{_section}confirm/", history.history_confirm, name="history_confirm"),
    path(_entry, history_forms.history_edit, name="history_edit"),
    path(f"{_entry}stop/", history_forms.allergy_stop, name="allergy_stop"),
    path(f"{_entry}<slug:act>/", history.history_act, name="history_act"),
]
