"""The cameras' tables. Verbs that change them live in the noun modules beside this package."""

from cameras.models.cases import Case, Extraction
from cameras.models.evidence import AnnexOpening, EvidenceLink, EvidencePackage
from cameras.models.footage import FootageAsk, FootageRequest
from cameras.models.registry import Camera, MediaNode, Rendition
from cameras.models.room import RoomCamera
from cameras.models.snapshots import Snapshot
from cameras.models.store import Hold, RecorderLease, Slice, SliceBatch
from cameras.models.views import OddUse, ViewMinute, ViewSession

__all__ = [
    "AnnexOpening", "Camera", "Case", "EvidenceLink", "EvidencePackage", "Extraction", "FootageAsk", "FootageRequest",
    "Hold", "MediaNode", "OddUse", "RecorderLease", "Rendition", "RoomCamera", "Slice", "SliceBatch", "Snapshot",
    "ViewMinute", "ViewSession",
]  # fmt: skip
