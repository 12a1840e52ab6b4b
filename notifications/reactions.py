"""News that causes acts: topic → verb. Run by the dispatcher in the transaction of the news, before its events.

A reaction takes rows and, last, an audit chain; its own news is told in a turn of its own. It must be harmless the second
time, for two pieces of news may say the same.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from notifications.rules import News

Reaction = Callable[[News, datetime], None]

REACTIONS: Mapping[str, Reaction] = {}
