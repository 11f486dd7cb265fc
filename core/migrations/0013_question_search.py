from django.db import migrations, models

from core.migrations import _search


class Migration(migrations.Migration):
    """As 0003: the index first, then what is there already, so that writers do not wait for the second."""

    atomic = False

    dependencies = [
        ('core', '0012_conversations_jobs_questions'),
    ]

    operations = [
        migrations.CreateModel(
            name='QuestionWords',
            fields=[
                ('question', models.OneToOneField(db_column='rowid', db_constraint=False, on_delete=models.deletion.DO_NOTHING, primary_key=True, related_name='words', serialize=False, to='core.question')),
                ('words', models.TextField(db_column='core_questionwords')),
            ],
            options={
                'db_table': 'core_questionwords',
                'managed': False,
            },
        ),
        migrations.RunPython(_search.QUESTIONS.install, _search.QUESTIONS.uninstall, atomic=True),
        migrations.RunPython(_search.QUESTIONS.fill, migrations.RunPython.noop),
    ]
