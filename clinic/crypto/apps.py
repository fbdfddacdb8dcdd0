from django.apps import AppConfig


class CryptoConfig(AppConfig):
    name = "clinic.crypto"
    label = "crypto"
