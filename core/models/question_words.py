"""What the search finds questions by, kept as that of tickets is: see ticket_words.py."""

from django.db import models

from core.models.question import Question


class QuestionWords(models.Model):
    question = models.OneToOneField(
        Question,
        primary_key=True,
        db_column="rowid",
        db_constraint=False,
        on_delete=models.DO_NOTHING,
        related_name="words",
    )
    words = models.TextField(db_column="core_questionwords")

    class Meta:
        managed = False
        db_table = "core_questionwords"

    def __str__(self) -> str:
        return f"words of question {self.pk}"
