from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0002_append_only'),
    ]

    operations = [
        migrations.CreateModel(
            name='AuditLink',
            fields=[
                ('pos', models.BigIntegerField(primary_key=True, serialize=False)),
                ('event', models.UUIDField(unique=True)),
                ('mac', models.BinaryField(max_length=32)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('pos__gte', 1)), name='audit_link_from_one')],
            },
        ),
    ]
