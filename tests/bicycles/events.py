"""What owners are told."""

from core.extension import Message, Resource, register_event

BICYCLE_RETURNED = "bicycle_returned"


def about(bicycle_id: int) -> Resource:
    return Resource("bicycle", bicycle_id, f"/api/bicycles/{bicycle_id}/")


def register() -> None:
    register_event(
        key=BICYCLE_RETURNED,
        words={
            "en": Message("{bicycle} is back", "{actor} brought back {bicycle}{comment}"),
            "de": Message("{bicycle} ist wieder da", "{actor} hat {bicycle} zurückgebracht{comment}"),
        },
        facts={"bicycle": "Red racer"},  # an example, for previews and checks
        resource=about(7),
        together={"en": Message("Back {count} times", "Your bicycle came back {count} times")},
    )
