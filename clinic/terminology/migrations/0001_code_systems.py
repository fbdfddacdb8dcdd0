import django.contrib.postgres.indexes
import django.contrib.postgres.search
from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        TrigramExtension(),
        migrations.CreateModel(
            name='Concept',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('condition', 'Condition'), ('medicine', 'Medicine'), ('allergen', 'Allergen'), ('vaccine', 'Vaccine'), ('procedure', 'Procedure'), ('observation', 'Measurement'), ('unit', 'Unit')], max_length=16)),
                ('system', models.CharField(choices=[('http://hl7.org/fhir/sid/icd-10-cm', 'ICD-10-CM'), ('http://www.nlm.nih.gov/research/umls/rxnorm', 'RxNorm'), ('http://hl7.org/fhir/sid/ndc', 'NDC'), ('http://hl7.org/fhir/sid/cvx', 'CVX'), ('http://loinc.org', 'LOINC'), ('http://snomed.info/sct', 'SNOMED CT'), ('http://unitsofmeasure.org', 'UCUM'), ('urn:betony:orange-book', 'FDA Orange Book'), ('urn:betony:codes', 'Betony')], max_length=64)),
                ('code', models.CharField(max_length=64)),
                ('display', models.TextField()),
                ('words', models.TextField()),
                ('lexemes', models.GeneratedField(db_persist=True, expression=models.Func(models.Func(models.F('words'), models.Value(' '), function='string_to_array'), function='array_to_tsvector'), output_field=django.contrib.postgres.search.SearchVectorField())),
                ('details', models.JSONField(default=dict)),
                ('rank', models.PositiveIntegerField()),
                ('active', models.BooleanField(default=True)),
            ],
            options={
                'indexes': [django.contrib.postgres.indexes.GinIndex(fields=['lexemes'], name='concept_lexemes'), models.Index(condition=models.Q(('active', True)), fields=['kind', 'rank', 'id'], name='concept_ranked')],
                'constraints': [models.UniqueConstraint(fields=('system', 'code'), name='concept_once_a_system')],
            },
        ),
        migrations.CreateModel(
            name='Word',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('condition', 'Condition'), ('medicine', 'Medicine'), ('allergen', 'Allergen'), ('vaccine', 'Vaccine'), ('procedure', 'Procedure'), ('observation', 'Measurement'), ('unit', 'Unit')], max_length=16)),
                ('text', models.TextField()),
                ('uses', models.PositiveIntegerField()),
            ],
            options={
                'indexes': [models.Index(models.F('kind'), django.contrib.postgres.indexes.OpClass(models.F('text'), name='text_pattern_ops'), name='word_beginnings'), django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass(models.F('text'), name='gin_trgm_ops'), name='word_likeness')],
                'constraints': [models.UniqueConstraint(fields=('kind', 'text'), name='word_once_a_kind')],
            },
        ),
    ]
