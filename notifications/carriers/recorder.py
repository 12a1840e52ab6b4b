"""A carrier that only remembers: how tests stand in for SMS, Zalo ZNS or FCM."""

import threading
from collections import deque

from notifications.carriers.base import Message, Outcome, Result


class Recorder:
    """Keeps what it was told in ``messages``. Answers what ``answers`` holds, in order, then ``sent``."""

    def __init__(self, *answers: Outcome) -> None:
        self.messages: list[Message] = []
        self._answers = deque(answers)
        self._lock = threading.Lock()

    def send(self, message: Message) -> Outcome:
        with self._lock:
            self.messages.append(message)
            return self._answers.popleft() if self._answers else Outcome(Result.SENT)
