"""New names and addresses are ASCII. The tables stay as they are, and so do the people in them."""

import django.core.validators
from django.db import migrations, models

import core.models.user


class Migration(migrations.Migration):
    dependencies = [("core", "0003_search")]

    operations = [
        migrations.AlterField(
            model_name="user",
            name="email",
            field=models.EmailField(max_length=254, validators=[core.models.user.validate_ascii]),
        ),
        migrations.AlterField(
            model_name="user",
            name="username",
            field=models.CharField(
                max_length=150,
                unique=True,
                validators=[
                    django.core.validators.RegexValidator(
                        "^[A-Za-z0-9_.+-]+\\Z",
                        "Enter a valid username: letters from A to Z, digits and . + - _ only.",
                    )
                ],
            ),
        ),
    ]
