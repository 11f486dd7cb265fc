"""What happens to bicycles."""

from django.db import transaction
from django.http import Http404

from core.extension import announce
from core.models import User
from tests.bicycles.events import BICYCLE_RETURNED, about
from tests.bicycles.models import Bicycle


def bring_back(*, actor: User, bicycle_id: int, comment: str = "") -> Bicycle:
    """Its borrower brings it back; its owner is told in the same transaction, or nothing has happened."""
    with transaction.atomic():
        lent = Bicycle._default_manager.select_related("owner").select_for_update(of=("self",)).filter(borrower=actor)
        bicycle = lent.filter(pk=bicycle_id).first()
        if bicycle is None:
            raise Http404
        bicycle.borrower, bicycle.trips = None, bicycle.trips + 1
        bicycle.save()
        announce(
            event=BICYCLE_RETURNED,
            key=f"{bicycle.pk}:{bicycle.trips}",
            recipients=[bicycle.owner.pk],
            actor=actor,
            resource=about(bicycle.pk),
            facts={"bicycle": bicycle.name},
            comment=comment,
        )
        return bicycle
