from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0004_names_in_ascii"),
    ]

    operations = [
        migrations.AddField(
            model_name="feed",
            name="counted_seq",
            field=models.PositiveBigIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="feed",
            name="inbox_count",
            field=models.PositiveBigIntegerField(blank=True, null=True),
        ),
    ]
