"""What other Django applications may build on. All else in core may change without notice.

An application registers its events in AppConfig.ready(), announces them in its own transactions, and is installed by
naming it in EXTRA_APPS. Its routes, if it has any, are those of its `urls` module, at /api/<label of the app>/.
"""

from core.actions.announcements import announce
from core.domain.change import Resource
from core.notifications.message import Message
from core.notifications.others import register_event

__all__ = ["Message", "Resource", "announce", "register_event"]
