"""What a start says to the person at the terminal: where it is, and how to sign in.

``python -m backend.banner`` (``make signins``) says the sign-ins again: the second step's code lives half a minute.
"""

import json
import socket
import sys
import time
from pathlib import Path
from typing import Any, TextIO

import segno

from backend.lib import totp
from backend.lib.config import Config


def show(config: Config, *, seconds: float, out: TextIO = sys.stdout) -> None:
    """Print the address and the sign-ins. The one place where secrets are shown, and never a log."""
    lines = ["", f"Mắt Phố đã sẵn sàng · ready in {seconds:.1f} s", f"Địa chỉ · Address: {address(config)}/"]
    if config.demo:
        lines += _demo_lines(config)
    else:
        lines += _setup_lines(config)
    print(*lines, sep="\n", file=out)
    if config.HOST == "0.0.0.0":  # noqa: S104  (opened on purpose)
        _lan(config, out)
    print("Ctrl-C: dừng tất cả · stops everything.", file=out, flush=True)


def address(config: Config) -> str:
    """The address on this machine, without a slash at its end."""
    host = "127.0.0.1" if config.HOST in ("0.0.0.0", "") else config.HOST  # noqa: S104
    return f"{_scheme(config)}://{_bracketed(host)}:{config.PORT}"


def _demo_lines(config: Config) -> list[str]:
    kept = _read(config.signins_file)
    if kept["household_code"]:
        lines = [f"Mã truy cập của {kept['household']}:", f"Household code: {kept['household_code']}"]
    else:
        lines = ["Không còn hộ nào: tổ trưởng thêm hộ rồi cấp mã · no household is left: the leader adds one and"]
        lines += ["issues its code. (Or start afresh: DATA_DIR=another-folder make run)"]
    lines.append(f"Đăng nhập của cán bộ tổ · staff sign in at {address(config)}/staff")
    for person in kept["staff"]:
        lines.append(
            f"{person['role'].capitalize()} sign-in: {person['username']} / {person['password']}{_code(person)}"
        )
    lines.append("Mã 6 số đổi sau mỗi nửa phút, xem lại bằng · the code changes every half minute: make signins")
    return lines


def _code(person: dict[str, str]) -> str:
    """The six digits of this moment; nothing where the person has set up a second step of their own."""
    return f" / {totp.code_at(person['totp'], time.time())}" if person.get("totp") else ""


def main() -> int:
    config = Config.from_env()
    if not config.signins_file.is_file():
        print("Chưa có dữ liệu mẫu: chạy make run trước · no demonstration here yet: run make run first.")
        return 1
    print(*_demo_lines(config), sep="\n")
    print(f"Mã còn dùng được · the codes live on for {totp.seconds_left(time.time())} s.")
    return 0


def _setup_lines(config: Config) -> list[str]:
    kept = _read(config.setup_file)
    if not kept:
        return []
    # The secret is in the fragment: browsers send it to no server and in no Referer.
    link = f"{address(config)}/setup#{kept['token']}"
    return [f"Đường dẫn cài đặt · set-up link (once, until {kept['expires_at']}): {link}"]


def _lan(config: Config, out: TextIO) -> None:
    here = lan_address()
    if here is None:
        print("Không tìm thấy địa chỉ mạng nội bộ · no address on the local network was found.", file=out)
        return
    url = f"{_scheme(config)}://{here}:{config.PORT}/"
    print(f"Trong mạng nội bộ · on the local network: {url}", file=out)
    segno.make(url).terminal(out=out, compact=True)


def lan_address() -> str | None:
    """The IPv4 address from which this machine would leave; nothing is sent (192.0.2.1 is RFC 5737's example)."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return None
        return str(probe.getsockname()[0])


def _scheme(config: Config) -> str:
    return "https" if config.TLS_CERT else "http"


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _read(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text()))


if __name__ == "__main__":
    sys.exit(main())
