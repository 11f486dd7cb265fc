from django.db import migrations, models

from core.migrations import _search


class Migration(migrations.Migration):
    """The index first, then what is there already: two transactions, so that writers do not wait for the second."""

    atomic = False

    dependencies = [
        ('core', '0002_tickets_in_full'),
    ]

    operations = [
        migrations.CreateModel(
            name='TicketWords',
            fields=[
                ('ticket', models.OneToOneField(db_column='rowid', db_constraint=False, on_delete=models.deletion.DO_NOTHING, primary_key=True, related_name='words', serialize=False, to='core.ticket')),
                ('words', models.TextField(db_column='core_ticketwords')),
            ],
            options={
                'db_table': 'core_ticketwords',
                'managed': False,
            },
        ),
        migrations.RunPython(_search.install, _search.uninstall, atomic=True),
        migrations.RunPython(_search.fill, migrations.RunPython.noop),
    ]
