from django.contrib.postgres.operations import BtreeGistExtension, TrigramExtension
from django.db import migrations


class Migration(migrations.Migration):
    """btree_gist lets an exclusion constraint compare ids; pg_trgm makes name search quick."""

    dependencies: list[tuple[str, str]] = []

    operations = [BtreeGistExtension(), TrigramExtension()]
