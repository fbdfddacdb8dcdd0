import clinic.lib.ids
import datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='AuditEvent',
            fields=[
                ('id', models.UUIDField(default=clinic.lib.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('at', models.DateTimeField()),
                ('actor', models.UUIDField(null=True)),
                ('actor_roles', models.CharField(blank=True, max_length=120)),
                ('patient', models.UUIDField(null=True)),
                ('action', models.CharField(max_length=60)),
                ('object_type', models.CharField(max_length=60)),
                ('object_id', models.UUIDField(null=True)),
                ('detail', models.TextField(default='{}')),
                ('request_id', models.CharField(blank=True, max_length=64)),
                ('mac', models.BinaryField(max_length=32)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('patient__isnull', False)), fields=['patient', '-at'], name='audit_event_patient_at'), models.Index(condition=models.Q(('actor__isnull', False)), fields=['actor', '-at'], name='audit_event_actor_at')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('at__gte', datetime.datetime(2000, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('at__lt', datetime.datetime(2200, 1, 1, 0, 0, tzinfo=datetime.timezone.utc))), ('at__isnull', True), _connector='OR'), name='audit_event_instants_in_range')],
            },
        ),
    ]
