"""Let transactional tests empty the audit trail, which nobody else can.

A flush ends each transactional test with TRUNCATE. As the owner of the throw-away database, the
triggers against it are switched off here; UPDATE and DELETE stay refused in every test.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

ALLOW = """
ALTER TABLE audit_auditevent DISABLE TRIGGER audit_event_truncate;
ALTER TABLE IF EXISTS audit_auditlink DISABLE TRIGGER audit_link_truncate
"""
REFUSE = """
ALTER TABLE audit_auditevent ENABLE ALWAYS TRIGGER audit_event_truncate;
ALTER TABLE audit_auditlink ENABLE ALWAYS TRIGGER audit_link_truncate
"""


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(ALLOW)


@pytest.fixture
def audit_truncate_refused(db: None) -> None:
    """The trail as the product installs it, until this test's transaction rolls back."""
    with connection.cursor() as cursor:
        cursor.execute(REFUSE)
