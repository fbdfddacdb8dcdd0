"""How passwords are hashed."""

from __future__ import annotations

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2Hasher(Argon2PasswordHasher):
    """Argon2id with OWASP's minimum (Password Storage Cheat Sheet): 19 MiB, two passes.

    Django's default asks for 100 MiB a sign-in, so twenty at once would take 2 GB.
    """

    time_cost = 2
    memory_cost = 19_456
    parallelism = 1


class QuickArgon2Hasher(Argon2PasswordHasher):
    """The same format at a cost that tests can pay a thousand times. Never outside of tests."""

    time_cost = 1
    memory_cost = 8
    parallelism = 1
