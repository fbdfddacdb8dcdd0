"""Addresses of the people domain. Sign-in, codes and passwords are allauth's, under /accounts/."""

from django.urls import path

from clinic.people.views import (
    account,
    acting,
    administration,
    carers,
    confirming,
    registration,
)

app_name = "people"

urlpatterns = [
    path("account/", account.account, name="account"),
    path("account/preferences/", account.preferences, name="preferences"),
    path("account/profile/", account.profile, name="profile"),
    path("account/profile/first/", account.profile_first, name="profile_first"),
    path("account/page/", account.practitioner_page, name="practitioner_page"),
    path("account/waiting/", account.waiting, name="waiting"),
    path("account/confirm/", confirming.step_up, name="step_up"),
    path("carers/", carers.carer_list, name="carer_list"),
    path("carers/invite/", carers.carer_invite, name="carer_invite"),
    path("carers/accept/<str:secret>/", carers.grant_accept, name="grant_accept"),
    path("carers/<uuid:grant_id>/end/", carers.grant_end, name="grant_end"),
    path("carers/<uuid:grant_id>/confirm/", carers.carer_confirm, name="carer_confirm"),
    path("acting/", acting.acting_for, name="acting_for"),
    path("acting/stop/", acting.acting_stop, name="acting_stop"),
    path("acting/<uuid:grant_id>/", acting.acting_start, name="acting_start"),
    path("join/doctor/", registration.practitioner_join, name="register_practitioner"),
    path("invitation/<str:secret>/", registration.invitation_accept, name="invitation_accept"),
    path("patients/new/", registration.patient_new, name="patient_new"),
    path("patients/<uuid:patient_id>/carers/", acting.patient_carers, name="patient_carers"),
    path("people/", administration.approval_list, name="approval_list"),
    path("people/invitations/", administration.invitation_send, name="invitation_send"),
    path(
        "people/invitations/<uuid:invitation_id>/withdraw/",
        administration.invitation_withdraw,
        name="invitation_withdraw",
    ),
    path(
        "people/doctors/<uuid:practitioner_id>/approve/",
        administration.practitioner_approve,
        name="practitioner_approve",
    ),
    path(
        "people/doctors/<uuid:practitioner_id>/decline/",
        administration.practitioner_decline,
        name="practitioner_decline",
    ),
    path("people/<uuid:user_id>/roles/", administration.role_grant, name="role_grant"),
    path("people/<uuid:user_id>/roles/end/", administration.role_end, name="role_end"),
    path("people/<uuid:user_id>/close/", administration.account_close, name="account_close"),
    path("people/<uuid:user_id>/reopen/", administration.account_reopen, name="account_reopen"),
]
