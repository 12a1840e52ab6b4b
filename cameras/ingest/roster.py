"""Which renditions this node records: one SELECT, asked again every second."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from cameras import credentials
from cameras.models import Camera, Rendition
from cameras.rules import may_record

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """What a worker has to know of a rendition. A job that changed is stopped and started anew."""

    key: str
    """The rendition's id."""
    camera_id: UUID
    rendition: str
    node_id: UUID
    mask_version: int
    url: str
    user: str = field(repr=False)
    password: str = field(repr=False)
    private_allowed: bool = False
    """Whether its address may lead into a private network."""


@dataclass(frozen=True, slots=True)
class _Facts:
    """What ``rules.may_record`` asks of a camera, without a model instance a second and camera."""

    state: str
    source_kind: str
    masks: Sequence[object]
    owner_left_at: datetime | None
    legal_record_id: UUID | None
    private_hours: Sequence[Mapping[str, object]] = ()


def roster(node_id: UUID) -> dict[str, Job]:
    """The jobs of a node by key. Sub renditions are pulled on demand, which is for a later day."""
    rows = Rendition.objects.filter(  # the state only narrows the SELECT; may_record decides
        camera__node_id=node_id, camera__state=Camera.State.ACTIVE, name=Rendition.Name.MAIN, camera__gave_way_at=None
    ).values_list(
        "id", "camera_id", "name", "camera__mask_version", "source_url", "private_allowed", "credentials",
        "camera__state", "camera__source_kind", "camera__masks", "camera__owner_household__left_at",
        "camera__neighborhood__legal_record_id",
    )  # fmt: skip
    jobs = {}
    for key, camera_id, name, mask_version, url, private, sealed, *facts in rows:
        if not may_record(_Facts(*facts)):
            continue
        try:
            user, password = _unseal(bytes(sealed))
        except ValueError as error:
            log.error("rendition %s: %s", key, error)
            continue
        jobs[str(key)] = Job(str(key), camera_id, name, node_id, mask_version, url, user, password, private)
    return jobs


_unseal = lru_cache(maxsize=4096)(credentials.unseal)
"""Asked for every camera every second; what is in the row changes once a year."""
