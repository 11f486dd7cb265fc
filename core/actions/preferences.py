"""What people want to be told, and where."""

from django.db import transaction

from core.models import Preference


def turn_off_email(*, user_id: int) -> None:
    """No more notifications by e-mail for this person; once more changes nothing."""
    with transaction.atomic():
        preference, _ = Preference.objects.select_for_update().get_or_create(user_id=user_id)
        preference.off = preference.off | {"EMAIL": ["*"]}
        preference.save(update_fields=["off", "updated_at"])
