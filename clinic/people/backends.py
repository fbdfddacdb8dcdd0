"""Sign-in by e-mail and password, and the account of a session with its roles in one query."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.base_user import AbstractBaseUser

from clinic.people.selectors import user_with_access


class AccountBackend(AuthenticationBackend):
    """allauth's backend; the account arrives with roles and ids so that a request asks once."""

    def get_user(self, user_id: Any) -> AbstractBaseUser | None:
        user = user_with_access(user_id=user_id)
        return user if user is not None and self.user_can_authenticate(user) else None
