"""In the app: the inbox row itself and the frame on open sockets. It has arrived when it is committed."""

from core.models import User
from core.models.notification import SYSTEM
from core.notifications.channel import Channel
from core.notifications.message import Outgoing


class System(Channel):
    key = SYSTEM
    no_address = "no_inbox"

    def address(self, user: User) -> str:
        return user.username

    def send(self, address: str, message: Outgoing) -> str:
        return f"inbox-{message.delivery_id}"

    def look_up(self, address: str, message: Outgoing) -> str:
        return self.send(address, message)


channel = System()
