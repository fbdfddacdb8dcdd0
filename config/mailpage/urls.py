"""Addresses of the development mail page."""

from django.urls import path

from config.mailpage import views

app_name = "mailpage"

urlpatterns = [
    path("", views.mail_list, name="mail_list"),
    path("<str:name>/", views.mail_detail, name="mail_detail"),
    path("<str:name>/html", views.mail_html, name="mail_html"),
    path("<str:name>/source", views.mail_source, name="mail_source"),
    path("<str:name>/files/<int:index>", views.mail_attachment, name="mail_attachment"),
]
