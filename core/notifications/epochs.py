"""After a restore from a backup positions are given out a second time: a new epoch voids those that clients know."""

import secrets
import time

from django.db import transaction

from core.models import Feed, User

BATCH = 1_000


def rotate_epochs() -> int:
    """Give everybody's feed a new epoch; return how many there are.

    Also those who have none yet: they may have had one that the backup does not know.
    """
    epoch = secrets.token_hex(4)
    with transaction.atomic():
        without = User.objects.filter(feed=None).order_by("pk").values_list("pk", flat=True)
        made = [Feed(user_id=pk, epoch=epoch) for pk in without]
        Feed.objects.bulk_create(made, batch_size=BATCH, ignore_conflicts=True)
        # State, too, is told anew: its timestamps may lie before those that clients know.
        now = time.time()
        return Feed.objects.update(epoch=epoch, state_at=now, unread_at=now)
