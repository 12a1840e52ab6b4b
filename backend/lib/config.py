"""Every setting of the product, read once from the environment. ``docs/settings.md`` documents each; a test compares.

No Django here: the supervisor, the recorder's workers and the demonstration cameras read the same object.
"""

import hashlib
import ipaddress
import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

ROOT = Path(__file__).resolve().parents[2]

LONGEST_SOCKET_PATH = 100
"""Bytes; ``sun_path`` holds 108 with its end mark, and Valkey and redis-py add a little of their own."""


def _setting(help_text: str, default: str = "") -> str:
    return field(default=default, metadata={"help": help_text})


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Raw values by the name of their environment variable; the properties below give them their types."""

    PORT: str = _setting("Port of the web server", "8080")
    HOST: str = _setting("Address it listens on; 0.0.0.0 opens the local network", "127.0.0.1")
    DATA_DIR: str = _setting("Folder of the database, the footage and the secrets", str(ROOT / "data"))
    DEMO: str = _setting("1 loads the demonstration neighborhood, 0 starts empty", "1")
    DATABASE_URL: str = _setting("postgres://… instead of the embedded SQLite")
    MIGRATE_DATABASE_URL: str = _setting("The same database as the role that owns its tables, to migrate them")
    REDIS_URL: str = _setting("redis://… instead of the embedded Valkey")
    ALLOWED_HOSTS: str = _setting("Comma-separated host names this server answers to, besides loopback and HOST")
    TRUSTED_PROXIES: str = _setting(
        "Comma-separated addresses or networks of reverse proxies that say who the client is"
    )
    TLS_CERT: str = _setting("Certificate file; phones need TLS for service workers and push")
    TLS_KEY: str = _setting("Key file of TLS_CERT")
    NODE_NAME: str = _setting("Name of this media node", "default")
    RECORDER_WORKERS: str = _setting("Recorder worker processes", "1")
    CAMERA_PORTS: str = _setting("Comma-separated extra ports a camera may be dialled on, besides 554 and 8554")
    CAMERA_ALLOW: str = _setting("Comma-separated exact host:port pairs that pass the dial guard whatever they are")
    STORE_MAX_BYTES: str = _setting("Bytes all footage may take; 0 leaves only the headroom as a limit", "0")
    STORE_HEADROOM_BYTES: str = _setting(
        "Bytes kept free on the disk, the database's own growth included", "2000000000"
    )
    VIEW_SESSION_DAYS: str = _setting("Days a view session's row is kept after its end", "31")
    FEED_DAYS: str = _setting("Days the events of the feed are kept; alerts themselves stay", "7")
    PUSH: str = _setting(
        "1 sends Web Push to phones asleep, through the browsers' own services abroad; 0 does not", "0"
    )
    PUSH_SUBJECT: str = _setting("mailto: or https: address of the operator, told to push services (RFC 8292)")
    PUSH_HOSTS: str = _setting(
        "Comma-separated hosts (or .suffixes) of push services that may be sent to",
        "fcm.googleapis.com,.push.services.mozilla.com,web.push.apple.com,.notify.windows.com",
    )
    DUTY_HOURS: str = _setting(
        "Hours of the day, Vietnam's clock, in which an officer may ask for footage alone; 0-24 for all", "6-22"
    )
    FOOTAGE_LIMITS: str = _setting("Figures of footage requests that differ, such as window_hours=3, cameras=20")
    FOOTAGE_PUBLIC: str = _setting(
        "Who answers for footage of the street's own cameras: leader, or ward for its operators, too", "leader"
    )
    C2PA: str = _setting(
        "1 puts content credentials (C2PA) into the native MP4s of packages of footage; 0 does not", "0"
    )
    TSA_URL: str = _setting("https: address of a time stamp authority (RFC 3161) for packages of footage")
    TSA_CA_FILE: str = _setting("PEM file of the authority's root certificates, against which its answers are verified")
    AUDIT_COPY_DIR: str = _setting("Folder of a second store, which must be there, for the audit's daily heads")
    AUDIT_MAIL: str = _setting("Comma-separated addresses that get the audit's daily heads by mail")
    AUDIT_KEYS: str = _setting("Comma-separated fingerprints of earlier signing keys whose heads still count")
    SMTP_URL: str = _setting(
        "smtp://, smtp+starttls:// or smtps://user:password@host:port of the mail server", "smtp://127.0.0.1:25"
    )
    MAIL_FROM: str = _setting("Address that mail comes from; AUDIT_MAIL's first if not said")
    LOG_LEVEL: str = _setting("DEBUG, INFO, WARNING or ERROR", "INFO")

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> "Config":
        return cls(**{name: env[name] for name in cls.__dataclass_fields__ if env.get(name)})

    @property
    def data_dir(self) -> Path:
        return Path(self.DATA_DIR).expanduser().resolve()

    @property
    def store_dir(self) -> Path:
        return self.data_dir / "store"

    @property
    def snapshot_dir(self) -> Path:
        return self.data_dir / "snapshots"

    @property
    def paper_dir(self) -> Path:
        """Receipts and resolutions. As much a part of a backup as the database."""
        return self.data_dir / "papers"

    @property
    def poster_dir(self) -> Path:
        return self.data_dir / "posters"

    @property
    def evidence_dir(self) -> Path:
        """Packages of footage until they are fetched, or their time is over."""
        return self.data_dir / "evidence"

    @property
    def job_dir(self) -> Path:
        """Files that long work made, mode 0600, for a day at the most."""
        return self.data_dir / "jobs"

    @property
    def view_journal_dir(self) -> Path:
        return self.data_dir / "viewjournal"

    @property
    def signins_file(self) -> Path:
        """The demonstration's household code and passwords, mode 0600, so that the next start prints the same."""
        return self.data_dir / "demo-signins.json"

    @property
    def setup_file(self) -> Path:
        """The set-up link of an installation without an administrator, mode 0600; ``{}`` once there is one."""
        return self.data_dir / "setup-link.json"

    @property
    def audit_head_file(self) -> Path:
        """The signed heads of the audit chains; a copy should leave the machine daily."""
        return self.data_dir / "audit-head.json"

    @property
    def demo(self) -> bool:
        return self.DEMO not in ("0", "false", "no")

    @property
    def c2pa(self) -> bool:
        return self.C2PA in ("1", "true", "yes")

    @property
    def database_url(self) -> str:
        return self.DATABASE_URL or f"sqlite:///{self.data_dir / 'matpho.sqlite3'}"

    @property
    def smtp(self) -> dict[str, Any]:
        """``SMTP_URL`` as Django's mail backend takes it. Raises ``ValueError``, which does not repeat the password."""
        url = urlsplit(self.SMTP_URL)
        ports = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
        if url.scheme not in ports or not url.hostname:
            raise ValueError("SMTP_URL is not like smtps://user:password@host")
        return {
            "host": url.hostname,
            "port": url.port or ports[url.scheme],
            "username": unquote(url.username or ""),
            "password": unquote(url.password or ""),
            "use_tls": url.scheme == "smtp+starttls",
            "use_ssl": url.scheme == "smtps",
        }

    @property
    def redis_url(self) -> str:
        return self.REDIS_URL or f"unix://{self.redis_socket}"

    @property
    def redis_socket(self) -> Path:
        """In the data folder, or in a short private one where that path would not fit a socket address (unix(7))."""
        here = self.data_dir / "run" / "valkey.sock"
        if len(os.fsencode(here)) <= LONGEST_SOCKET_PATH:
            return here
        name = hashlib.sha256(os.fsencode(self.data_dir)).hexdigest()[:16]
        return Path(f"/tmp/matpho-{os.getuid()}-{name}/valkey.sock")  # noqa: S108  (see private_folder)

    @property
    def trusted_proxies(self) -> list[str]:
        """Networks (CIDR) whose ``X-Forwarded-For`` and ``X-Forwarded-Proto`` are believed; none if not said.

        Raises ``ValueError`` for what is no network, and for one that holds every address.
        """
        found = [ipaddress.ip_network(text) for text in self.list_of("TRUSTED_PROXIES")]
        for network in found:
            if network.prefixlen == 0:
                raise ValueError(f"{network} holds every address there is: name the proxy's own")
        return [str(network) for network in found]

    @property
    def duty_hours(self) -> tuple[int, int]:
        """From and to, the second not included. Raises ``ValueError`` for what are no hours of a day."""
        begins, _dash, ends = self.DUTY_HOURS.partition("-")
        hours = int(begins), int(ends)
        if not 0 <= hours[0] < hours[1] <= 24:
            raise ValueError(f"DUTY_HOURS: {self.DUTY_HOURS!r} is not like 6-22")
        return hours

    @property
    def ward_answers(self) -> bool:
        """Whether a ward's operators, too, answer for public cameras. Raises ``ValueError``."""
        if self.FOOTAGE_PUBLIC not in ("leader", "ward"):
            raise ValueError(f"FOOTAGE_PUBLIC: {self.FOOTAGE_PUBLIC!r} is neither leader nor ward")
        return self.FOOTAGE_PUBLIC == "ward"

    @property
    def tsa(self) -> SplitResult | None:
        """``TSA_URL`` taken apart, None without one. Raises ``ValueError`` for what is neither TLS nor this machine."""
        if not self.TSA_URL:
            return None
        wrong = ValueError(f"TSA_URL={self.TSA_URL} is not like https://tsa.example.vn/tsr")
        try:
            url = urlsplit(self.TSA_URL)
            port = url.port
        except ValueError:
            raise wrong from None
        host = url.hostname or ""
        secure = url.scheme == "https" or (url.scheme == "http" and _is_loopback(host))
        plain = re.fullmatch(r"[!-~]+", self.TSA_URL) and url.username is None and not url.fragment
        if not host or port == 0 or not secure or not plain:
            raise wrong
        return url

    def list_of(self, name: str) -> list[str]:
        return [part.strip() for part in getattr(self, name).split(",") if part.strip()]


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def private_folder(path: Path) -> None:
    """Make ``path`` for this user alone. Raises ``OSError`` where somebody else was first (as in ``/tmp``)."""
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    facts = path.lstat()
    if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != os.getuid() or facts.st_mode & 0o022:
        raise OSError(f"{path} is not a folder of this user alone")
