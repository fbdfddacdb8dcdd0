from django.db import migrations


class Migration(migrations.Migration):
    """The sequence that record numbers are made from; it is never reused and never counts back."""

    dependencies = [("people", "0001_people")]

    operations = [
        migrations.RunSQL(
            "CREATE SEQUENCE people_record_number_seq START WITH 1",
            "DROP SEQUENCE people_record_number_seq",
        )
    ]
