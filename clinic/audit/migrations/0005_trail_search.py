from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0004_append_only_links'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='auditevent',
            index=models.Index(fields=['-at', '-id'], name='audit_event_at'),
        ),
        migrations.AddIndex(
            model_name='auditevent',
            index=models.Index(condition=models.Q(('object_id__isnull', False)), fields=['object_id'], name='audit_event_object'),
        ),
    ]
