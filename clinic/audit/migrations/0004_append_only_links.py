"""Make the chain append-only for everyone, as migration `append_only` did for the events."""

from django.db import migrations

FORWARDS = """
CREATE TRIGGER audit_link_rows BEFORE UPDATE OR DELETE ON audit_auditlink
    FOR EACH ROW EXECUTE FUNCTION audit_append_only();
CREATE TRIGGER audit_link_truncate BEFORE TRUNCATE ON audit_auditlink
    FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only();

ALTER TABLE audit_auditlink ENABLE ALWAYS TRIGGER audit_link_rows;
ALTER TABLE audit_auditlink ENABLE ALWAYS TRIGGER audit_link_truncate;
"""

BACKWARDS = """
DROP TRIGGER audit_link_truncate ON audit_auditlink;
DROP TRIGGER audit_link_rows ON audit_auditlink;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_audit_links")]

    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
