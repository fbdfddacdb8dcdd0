import clinic.lib.ids
import datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='DataKey',
            fields=[
                ('id', models.UUIDField(default=clinic.lib.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('scope', models.CharField(max_length=20)),
                ('owner', models.UUIDField(null=True)),
                ('gen', models.PositiveSmallIntegerField(default=1)),
                ('wrapped', models.BinaryField(null=True)),
                ('shredded_at', models.DateTimeField(null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('scope', 'owner', 'gen'), name='data_key_unique', nulls_distinct=False), models.CheckConstraint(condition=models.Q(('gen__gte', 1), ('gen__lte', 255)), name='data_key_gen_fits_a_byte'), models.CheckConstraint(condition=models.Q(models.Q(('shredded_at__isnull', True), ('wrapped__isnull', False)), models.Q(('shredded_at__isnull', False), ('wrapped__isnull', True)), _connector='OR'), name='data_key_wrapped_or_shredded'), models.CheckConstraint(condition=models.Q(models.Q(('shredded_at__gte', datetime.datetime(2000, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('shredded_at__lt', datetime.datetime(2200, 1, 1, 0, 0, tzinfo=datetime.timezone.utc))), ('shredded_at__isnull', True), _connector='OR'), name='data_key_instants_in_range')],
            },
        ),
    ]
