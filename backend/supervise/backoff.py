"""How long to wait before a part that died is started again. Pure."""

from dataclasses import dataclass


@dataclass(slots=True)
class Backoff:
    """Doubles from ``first_s`` to ``ceiling_s``; a part that lived ``steady_s`` is trusted anew. Seconds throughout."""

    first_s: float = 0.5
    ceiling_s: float = 30.0
    steady_s: float = 30.0
    _deaths: int = 0

    def after(self, lived_s: float) -> float:
        """The wait after a life of ``lived_s``."""
        if lived_s >= self.steady_s:
            self._deaths = 0
        wait = min(self.first_s * 2.0 ** min(self._deaths, 30), self.ceiling_s)
        self._deaths += 1
        return wait
