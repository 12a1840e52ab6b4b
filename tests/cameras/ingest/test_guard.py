"""The dial guard: what may be dialled, what may not, and that nothing is looked up twice. No network."""

import ipaddress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cameras.ingest import guard
from cameras.ingest.guard import AddressRefused
from cameras.ingest.interfaces import own_addresses

OWN = frozenset({ipaddress.ip_address("192.168.1.5"), ipaddress.ip_address("203.0.113.7")})


def check(url, *answers, allow=(), ports=(), private=True):
    """The guard with a resolver that answers ``answers`` and counts."""
    asked = []

    def resolve(host, port):
        asked.append((host, port))
        if not answers:
            raise OSError("no such name")
        return list(answers)

    dial = guard.check(url, allow=allow, ports=ports, resolve=resolve, own=lambda: OWN, private=private)
    assert len(asked) <= 1
    return dial


def reason(url, *answers, **options):
    with pytest.raises(AddressRefused) as caught:
        check(url, *answers, **options)
    return caught.value.reason


@pytest.mark.parametrize(
    ("url", "answers", "expected"),
    [
        ("rtsp://192.168.1.20/live", (), ("192.168.1.20", 554, "192.168.1.20", "/live")),
        ("RTSP://admin:p%40ss@10.0.0.9:8554/a?b=1&c=2", (), ("10.0.0.9", 8554, "10.0.0.9", "/a?b=1&c=2")),
        ("rtsp://Camera.Lan./x", ("192.168.1.21",), ("192.168.1.21", 554, "camera.lan", "/x")),
        ("rtsp://cam.example.vn", ("198.51.100.4", "2001:db8::4"), ("198.51.100.4", 554, "cam.example.vn", "/")),
        ("rtsp://[fd12::9]:554/x", (), ("fd12::9", 554, "fd12::9", "/x")),
        ("rtsp://h_1-2.lan?ch=1", ("10.0.0.1",), ("10.0.0.1", 554, "h_1-2.lan", "/?ch=1")),
    ],
)
def test_it_lets_cameras_through(url, answers, expected):
    dial = check(url, *answers)
    assert (dial.ip, dial.port, dial.host, dial.path) == expected


@pytest.mark.parametrize(
    "url",
    [
        "http://192.168.1.20/", "file:///etc/passwd", "-i", "", "rtsp:/192.168.1.20", "rtmp://h/x", " rtsp://h/x",
        "rtspt://h/x", "rtsp", "concat:rtsp://h/x",
    ],
)  # fmt: skip
def test_only_rtsp(url):
    assert reason(url, "10.0.0.1") == "scheme"


@pytest.mark.parametrize(
    "url",
    [
        "rtsp://h/x\r\nCSeq: 1", "rtsp://h/x\n", "rtsp://h/a b", "rtsp://h/\x00", "rtsp://h/é", "rtsp://h\t/x",
        "rtsp://máy-quay/x", "rtsp://h/x#frag", "rtsp://h:port/x", "rtsp://h:123456/x", "rtsp://h:-1/x",
        "rtsp://a[b]/x", "rtsp://h\u202e/x", "rtsp://u%0d%0aX:p@h/x", "rtsp://u:%00@h/x", "rtsp://h/" + "a" * 500,
    ],
)  # fmt: skip
def test_strict_form(url):
    assert reason(url, "10.0.0.1") == "form"


@pytest.mark.parametrize(
    "host",
    [
        "", "-rtsp_transport", "a..b", ".lan", "a-.lan", "-a.lan", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1",
        "127.1", "10.0.0.010", "1.2.3.4.5", "192.168.1", "0x", "[::1%eth0]", "[fe80::1%25eth0]", "[]", "[1.2.3.4]",
        "[::gggg]", "a%2eb", "h;ls", "h$(x)", "a" * 64, "a,b",
    ],
)  # fmt: skip
def test_hosts_that_are_not_plain(host):
    assert reason(f"rtsp://{host}/x", "10.0.0.1") == "host"


@pytest.mark.parametrize("port", ["22", "80", "6379", "0", "65536", "99999", "8555"])
def test_other_ports(port):
    assert reason(f"rtsp://10.0.0.1:{port}/x") == "port"


def test_configured_ports_and_the_port_of_rtsps():
    assert check("rtsp://10.0.0.1:8555/x", ports={8555}).port == 8555
    assert reason("rtsps://10.0.0.1/x") == "port"
    assert check("rtsps://10.0.0.1/x", ports={322}).port == 322


BAD = {
    "127.0.0.1": "this_server", "127.255.255.254": "this_server", "0.0.0.0": "this_server", "::": "this_server",  # noqa: S104
    "::1": "this_server", "192.168.1.5": "this_server", "203.0.113.7": "this_server", "::ffff:127.0.0.1": "this_server",
    "::ffff:192.168.1.5": "this_server", "64:ff9b::127.0.0.1": "this_server",
    "0.1.2.3": "forbidden", "169.254.169.254": "forbidden", "169.254.1.1": "forbidden", "::ffff:169.254.169.254":
    "forbidden", "64:ff9b::a9fe:a9fe": "forbidden", "fd00:ec2::254": "forbidden", "fe80::1": "forbidden",
    "fec0::1": "forbidden", "ff02::1": "forbidden", "224.0.0.1": "forbidden", "239.255.255.250": "forbidden",
    "255.255.255.255": "forbidden", "240.0.0.1": "forbidden", "2002:7f00:1::": "forbidden",
    "2001:0:4136:e378::": "forbidden", "::127.0.0.1": "forbidden", "100.100.100.200": "forbidden",
    "192.0.0.192": "forbidden", "64:ff9b:1::7f00:1": "forbidden", "::ffff:0:127.0.0.1": "this_server",
    "::ffff:0:169.254.169.254": "forbidden", "2001:db8::5efe:127.0.0.1": "this_server",
    "2001:db8::200:5efe:192.168.1.5": "this_server", "fd12::5efe:a9fe:a9fe": "forbidden",
    "::ffff:192.168.1.20": "forbidden", "::192.168.1.20": "forbidden", "64:ff9b::c0a8:114": "forbidden",
}  # fmt: skip


@pytest.mark.parametrize(("address", "why"), BAD.items())
def test_addresses_that_are_never_dialled(address, why):
    written = f"[{address}]" if ":" in address else address
    assert reason(f"rtsp://{written}/x") == why
    assert reason("rtsp://innocent.example/x", address) == why


@pytest.mark.parametrize("address", BAD)
def test_one_bad_address_of_a_name_refuses_the_name(address):
    assert reason("rtsp://cam.example/x", "198.51.100.4", address)
    assert reason("rtsp://cam.example/x", address, "198.51.100.4")


def test_names_without_an_address():
    assert reason("rtsp://nowhere.example/x") == "unresolved"
    assert reason("rtsp://many.example/x", *["10.0.0.1"] * 17) == "unresolved"
    assert reason("rtsp://odd.example/x", "fe80::1%eth0x/") == "unresolved"


def test_private_addresses_are_for_those_who_may_name_them():
    for address in ("10.0.0.1", "192.168.3.4", "172.16.0.1", "fd12::1", "100.64.0.1"):
        assert reason("rtsp://cam.example/x", address, private=False) == "private"
        assert check("rtsp://cam.example/x", address).ip == address
    assert check("rtsp://8.8.8.8/x", private=False).ip == "8.8.8.8"


def test_the_allow_list_is_exact():
    allow = ["127.0.0.1:18554", "[::1]:18554", "Lab.local:9000"]
    assert check("rtsp://127.0.0.1:18554/cong", allow=allow).ip == "127.0.0.1"
    assert check("rtsp://[::1]:18554/cong", allow=allow).ip == "::1"
    assert check("rtsp://lab.LOCAL:9000/x", "127.0.0.1", allow=allow).ip == "127.0.0.1"
    assert reason("rtsp://127.0.0.1:18555/cong", allow=allow) == "port"
    assert reason("rtsp://127.0.0.1/cong", allow=allow) == "this_server"
    assert reason("rtsp://127.0.0.2:18554/cong", allow=allow) == "port"
    assert reason("rtsp://localhost:18554/cong", "127.0.0.1", allow=allow) == "port"


def test_user_and_password_are_apart_and_hidden():
    target = guard.split("rtsp://admin:a%40b:c@d@192.168.1.20/x")
    assert (target.user, target.password, target.host) == ("admin", "a@b:c@d", "192.168.1.20")
    assert target.url == "rtsp://192.168.1.20:554/x"
    assert "a@b" not in repr(target)


def test_userinfo_cannot_hide_the_host():
    assert reason("rtsp://192.168.1.20@127.0.0.1/x") == "this_server"
    assert reason("rtsp://192.168.1.20:554@[::1]:554/x") == "this_server"
    assert reason("rtsp://10.0.0.1\\@127.0.0.1/x") == "this_server"


def test_a_refusal_names_no_address_and_no_password():
    with pytest.raises(AddressRefused) as caught:
        check("rtsp://admin:hunter2@secret.example/x", "127.0.0.1")
    text = f"{caught.value} {caught.value.detail} {caught.value.fields}"
    assert "hunter2" not in text and "127.0.0.1" not in text and "secret" not in text
    assert caught.value.status == 400


def test_this_hosts_addresses_are_found():
    found = own_addresses()
    assert ipaddress.ip_address("127.0.0.1") in found


IPS = st.one_of(st.ip_addresses(), st.sampled_from(list(BAD)).map(ipaddress.ip_address))


@given(st.lists(IPS, min_size=1, max_size=5))
def test_what_is_dialled_was_resolved_and_harmless(addresses):
    try:
        dial = check("rtsp://cam.example/x", *map(str, addresses))
    except AddressRefused:
        return
    ip = ipaddress.ip_address(dial.ip)
    assert ip == addresses[0]
    for each in addresses:
        mapped = getattr(each, "ipv4_mapped", None) or each
        assert mapped not in OWN and not mapped.is_loopback
        assert not (mapped.is_link_local or mapped.is_multicast or mapped.is_unspecified)


EMBEDDING = {
    "mapped": "::ffff:{}", "translated": "::ffff:0:{}", "compatible": "::{}", "NAT64": "64:ff9b::{}",
    "local NAT64": "64:ff9b:1::{}", "6to4": "2002:{hex}::1", "Teredo": "2001:0:{hex}::1",
    "ISATAP": "2001:db8:1:2:0:5efe:{}", "ISATAP of a global address": "2001:db8:1:2:200:5efe:{}",
}  # fmt: skip


@pytest.mark.parametrize("form", EMBEDDING)
@given(number=st.integers(0, 2**32 - 1))
@example(number=int(ipaddress.ip_address("127.0.0.1")))
@example(number=int(ipaddress.ip_address("192.168.1.20")))
def test_ipv4_in_disguise_is_never_dialled(form, number):
    plain = ipaddress.IPv4Address(number)
    digits = f"{number >> 16:x}:{number & 0xFFFF:x}"
    hidden = ipaddress.IPv6Address(EMBEDDING[form].format(plain, hex=digits))
    assert guard.refusal(hidden, OWN)


@given(st.integers(0, 2**32 - 1), st.sampled_from(["{:d}", "0x{:x}", "0{:o}"]))
def test_numbers_are_not_hosts(number, form):
    assert reason(f"rtsp://{form.format(number)}/x", "10.0.0.1") == "host"


@given(st.text(max_size=60))
def test_any_text_is_refused_or_clean(text):
    try:
        target = guard.split("rtsp://" + text)
    except AddressRefused:
        return
    assert target.url.isascii() and target.url.isprintable() and " " not in target.url
    assert not target.host.startswith("-") and 0 < target.port < 65536
    assert guard.split(target.url).url == target.url
