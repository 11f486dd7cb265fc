"""The OpenAPI schema is complete and valid."""

import pytest
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema


@pytest.mark.django_db
def test_the_schema_is_valid_and_made_without_a_warning(capsys: pytest.CaptureFixture[str]) -> None:
    GENERATOR_STATS.reset()
    validate_schema(SchemaGenerator().get_schema(request=None, public=True))
    GENERATOR_STATS.emit_summary()
    assert "warn" not in (complaints := capsys.readouterr().err).lower(), complaints
    assert "error" not in complaints.lower(), complaints
