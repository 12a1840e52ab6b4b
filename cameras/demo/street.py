"""The eight cameras of tổ 7, Hà Giang: what the demonstration's database and its RTSP server both need to know."""

from dataclasses import dataclass

USER = "matpho"
PASSWORD = "to7-ha-giang"  # noqa: S105  (on the sticker of a drawn camera, which listens on loopback alone)


@dataclass(frozen=True, slots=True)
class StreetCamera:
    path: str
    """Path of its RTSP address, and the name of its scene."""
    name: str
    latitude: float
    longitude: float
    bearing_deg: int


STREET = (
    StreetCamera("cong-chao", "Cổng chào tổ 7", 22.82331, 104.98364, 20),
    StreetCamera("ngo-12", "Đầu ngõ 12", 22.82378, 104.98401, 75),
    StreetCamera("truong-hoc", "Cổng trường tiểu học", 22.82415, 104.98342, 310),
    StreetCamera("goc-cho", "Góc chợ phường", 22.82290, 104.98452, 140),
    StreetCamera("nga-ba", "Ngã ba bưu điện", 22.82352, 104.98497, 200),
    StreetCamera("nha-van-hoa", "Nhà văn hoá tổ 7", 22.82441, 104.98428, 250),
    StreetCamera("bo-song", "Bờ kè sông Lô", 22.82268, 104.98310, 285),
    StreetCamera("nguyen-trai", "Đường Nguyễn Trãi", 22.82399, 104.98530, 5),
)
