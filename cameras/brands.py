"""Where the makes sold in Vietnam keep their main H.264 stream, so that a person need not know a path.

From the makers' own integration notes; a camera may be set up otherwise, which is what the probe is for.
"""

from types import MappingProxyType

from django.utils.translation import gettext as _

from backend.lib.errors import BadInput

_DAHUA = "/cam/realmonitor?channel=1&subtype=0"
PATHS = MappingProxyType(
    {
        "hikvision": "/Streaming/Channels/101",
        "hilook": "/Streaming/Channels/101",
        "ezviz": "/h264/ch1/main/av_stream",
        "dahua": _DAHUA,
        "imou": _DAHUA,
        "kbvision": _DAHUA,
        "tapo": "/stream1",
        "vigi": "/stream1",
        "uniview": "/unicast/c1/s0/live",
        "tiandy": "/1/1",
        "hanwha": "/profile2/media.smp",
        "axis": "/axis-media/media.amp",
        "vivotek": "/live.sdp",
        "reolink": "/h264Preview_01_main",
    }
)


def url_of(brand: str, host: str) -> str:
    """The RTSP address of a make's camera at ``host`` (a name or address, with ``:port`` where it is not 554).

    ``host`` is put in as it is: the dial guard judges the finished address. Raises ``BadInput`` on ``brand``.
    """
    path = PATHS.get(brand.lower())
    if path is None:
        reason = _("Unknown make. Give the address itself.")
        raise BadInput(reason, fields={"brand": [reason]})
    return f"rtsp://{host}{path}"
