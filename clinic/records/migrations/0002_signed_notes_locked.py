"""Lock signed notes in the database: their words never change, and additions are never touched.

Status and release may go on: amended, entered by mistake, released later. Sealing a note anew with
a newer data key (`manage.py reseal`) changes its bytes and not its words; it is known by the
generation in the second byte of a sealed value, which only rises. A superuser can disable the
triggers; the audit trail tells of every writing.
"""

from django.db import migrations

FORWARDS = """
CREATE FUNCTION records_locked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'A signed note is locked: % refused.', TG_OP
        USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE FUNCTION records_same_words(was bytea, becomes bytea) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT was IS NOT DISTINCT FROM becomes
        OR (was IS NOT NULL AND becomes IS NOT NULL
            AND get_byte(becomes, 0) = get_byte(was, 0)
            AND get_byte(becomes, 1) > get_byte(was, 1)
            AND length(becomes) = length(was))
$$;

CREATE TRIGGER clinicalnote_locked BEFORE UPDATE ON records_clinicalnote
    FOR EACH ROW
    WHEN (OLD.signed_at IS NOT NULL AND NOT (
        (NEW.id, NEW.patient_id, NEW.encounter_id, NEW.author_id, NEW.version, NEW.template_slug,
         NEW.created_at, NEW.saved_at, NEW.signed_at, NEW.signed_by_id)
        IS NOT DISTINCT FROM
        (OLD.id, OLD.patient_id, OLD.encounter_id, OLD.author_id, OLD.version, OLD.template_slug,
         OLD.created_at, OLD.saved_at, OLD.signed_at, OLD.signed_by_id)
        AND NEW.status IN ('final', 'amended', 'entered-in-error')
        AND (OLD.status <> 'entered-in-error' OR NEW.status = OLD.status)
        AND records_same_words(OLD.sections, NEW.sections)
        AND records_same_words(OLD.instructions, NEW.instructions)))
    EXECUTE FUNCTION records_locked();
CREATE TRIGGER clinicalnote_kept BEFORE DELETE ON records_clinicalnote
    FOR EACH ROW WHEN (OLD.signed_at IS NOT NULL) EXECUTE FUNCTION records_locked();
CREATE TRIGGER noteaddendum_locked BEFORE UPDATE ON records_noteaddendum
    FOR EACH ROW
    WHEN (NOT (
        (NEW.id, NEW.patient_id, NEW.note_id, NEW.author_id, NEW.signed_at, NEW.signed_by_id)
        IS NOT DISTINCT FROM
        (OLD.id, OLD.patient_id, OLD.note_id, OLD.author_id, OLD.signed_at, OLD.signed_by_id)
        AND records_same_words(OLD.text, NEW.text)))
    EXECUTE FUNCTION records_locked();
CREATE TRIGGER noteaddendum_kept BEFORE DELETE ON records_noteaddendum
    FOR EACH ROW EXECUTE FUNCTION records_locked();

ALTER TABLE records_clinicalnote ENABLE ALWAYS TRIGGER clinicalnote_locked;
ALTER TABLE records_clinicalnote ENABLE ALWAYS TRIGGER clinicalnote_kept;
ALTER TABLE records_noteaddendum ENABLE ALWAYS TRIGGER noteaddendum_locked;
ALTER TABLE records_noteaddendum ENABLE ALWAYS TRIGGER noteaddendum_kept;
"""

BACKWARDS = """
DROP TRIGGER noteaddendum_kept ON records_noteaddendum;
DROP TRIGGER noteaddendum_locked ON records_noteaddendum;
DROP TRIGGER clinicalnote_kept ON records_clinicalnote;
DROP TRIGGER clinicalnote_locked ON records_clinicalnote;
DROP FUNCTION records_same_words(bytea, bytea);
DROP FUNCTION records_locked();
"""


class Migration(migrations.Migration):
    dependencies = [("records", "0001_record")]

    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
