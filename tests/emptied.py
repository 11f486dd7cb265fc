"""Early pytest plugin: how tests that really commit leave the database empty.

Django's own way truncates every table, which costs PostgreSQL a new file for each table and index, and then makes the
permissions and content types anew. Here rows are deleted, and what migrations made stays.
"""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.test import TransactionTestCase

MADE_BY_MIGRATIONS = {"auth_permission", "django_content_type"}


@pytest.fixture(scope="session", autouse=True)
def _emptied_by_deleting() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", empty)
        yield


def empty(_test: TransactionTestCase) -> None:
    models = [model._meta for model in apps.get_models(include_auto_created=True)]
    tables = {model.db_table for model in models if model.managed and not model.proxy}
    with transaction.atomic(), connection.cursor() as cursor:  # in one: what refers to what is looked at when it ends
        for table in tables - MADE_BY_MIGRATIONS:
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")
