"""The knowledge base, to be looked at; what is to be corrected or deleted goes through the API."""

from django.contrib import admin

from core.admin.read_only import ReadOnly
from core.models import Answer, Question


@admin.register(Question)
class QuestionAdmin(ReadOnly[Question]):
    list_display = ["id", "title", "author", "score", "answers_count", "created_at"]
    list_select_related = ["author"]
    search_fields = ["title", "author__username"]
    exclude = ["tags"]


@admin.register(Answer)
class AnswerAdmin(ReadOnly[Answer]):
    list_display = ["id", "question", "author", "score", "created_at"]
    list_select_related = ["question", "author"]
