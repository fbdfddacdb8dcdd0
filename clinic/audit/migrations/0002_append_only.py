"""Make the trail append-only for everyone, the owner of the table included.

ENABLE ALWAYS keeps the triggers firing under `session_replication_role = replica`. A superuser can
still disable them: what shows that is the MAC on each row. Tests that empty tables use
the fixture in `tests/plugins/audit_trail.py`: it needs the rights of the owner of the table.
"""

from django.db import migrations

FORWARDS = """
CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The audit trail is append-only: % refused.', TG_OP
        USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER audit_event_rows BEFORE UPDATE OR DELETE ON audit_auditevent
    FOR EACH ROW EXECUTE FUNCTION audit_append_only();
CREATE TRIGGER audit_event_truncate BEFORE TRUNCATE ON audit_auditevent
    FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only();

ALTER TABLE audit_auditevent ENABLE ALWAYS TRIGGER audit_event_rows;
ALTER TABLE audit_auditevent ENABLE ALWAYS TRIGGER audit_event_truncate;
"""

BACKWARDS = """
DROP TRIGGER audit_event_truncate ON audit_auditevent;
DROP TRIGGER audit_event_rows ON audit_auditevent;
DROP FUNCTION audit_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_audit_events")]

    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
