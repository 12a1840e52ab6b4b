"""A mail server that takes what it is given, or refuses: SMTP as ``smtplib`` speaks it (RFC 5321), on loopback."""

import email
import socketserver
import threading
from email.message import EmailMessage
from email.policy import default


class MailServer:
    """``letters`` are what came in. While ``refuses`` is true no recipient is taken."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.refuses = False
        outer = self

        class Talk(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                outer.talk(self)

        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Talk)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.thread.start()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.server.server_address[1]}"

    def talk(self, line: socketserver.StreamRequestHandler) -> None:
        def say(words: str) -> None:
            line.wfile.write(f"{words}\r\n".encode())

        say("220 test")
        while asked := line.rfile.readline():
            verb = asked[:4].upper()
            if verb == b"DATA":
                say("354 go on")
                self.letters.append(email.message_from_bytes(_data(line), policy=default))  # type: ignore[arg-type]
                say("250 taken")
            elif verb == b"RCPT" and self.refuses:
                say("550 user secret-of-the-server unknown")
            elif verb == b"QUIT":
                say("221 bye")
                return
            else:
                say("250 well")

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()


def _data(line: socketserver.StreamRequestHandler) -> bytes:
    found = []
    while (one := line.rfile.readline()) not in (b".\r\n", b""):
        found.append(one[1:] if one.startswith(b"..") else one)
    return b"".join(found)
