"""Asks ``/readyz`` of the product that is starting."""

import http.client
import json
import ssl
from urllib.parse import urlsplit

TIMEOUT_S = 1.0


class Readiness:
    """Asked by the supervisor between two turns; remembers what the last answer lacked."""

    def __init__(self, address: str) -> None:
        self._url = urlsplit(address)
        self._parts: dict[str, bool] = {}

    def ready(self) -> bool:
        """Whether every part answered just now. Never raises; takes ``TIMEOUT_S`` at most."""
        connection = self._connection()
        try:
            connection.request("GET", "/readyz", headers={"Connection": "close"})
            answer = connection.getresponse()
            self._parts = dict(json.loads(answer.read(4096)))
        except (OSError, http.client.HTTPException, ValueError):
            self._parts = {}
            return False
        finally:
            connection.close()
        return answer.status == http.HTTPStatus.OK

    def missing(self) -> str:
        """Names of the parts that did not answer; empty where the web server itself did not."""
        return ", ".join(name for name, there in self._parts.items() if not there)

    def _connection(self) -> http.client.HTTPConnection:
        host, port = str(self._url.hostname), self._url.port
        if self._url.scheme == "http":
            return http.client.HTTPConnection(host, port, timeout=TIMEOUT_S)
        # Our own server over loopback, whose certificate names another host.
        unchecked = ssl._create_unverified_context()  # noqa: S323
        return http.client.HTTPSConnection(host, port, timeout=TIMEOUT_S, context=unchecked)
