"""A node with cameras of two neighborhoods, and a store whose news become rows as the recorder's parent makes them."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from backend.lib.clock import from_us
from cameras.models import Camera, MediaNode, Slice
from cameras.store.journal import Journal
from cameras.store.slices import SliceClosed, SliceNews, SliceOpened
from tests.cameras.store.footage import WALL_US, Recording, encoded, muxed
from tests.cast import Cast

NOW = from_us(WALL_US) + timedelta(hours=1)


@pytest.fixture
def node(db: None) -> MediaNode:
    return MediaNode.objects.get_or_create(name="default")[0]


@pytest.fixture
def camera(cast: Cast, node: MediaNode) -> Camera:
    return Camera.objects.create(neighborhood=cast.place, node=node, name="Đầu ngõ 5", state=Camera.State.ACTIVE)


@pytest.fixture
def other_camera(cast: Cast, node: MediaNode) -> Camera:
    return Camera.objects.create(neighborhood=cast.other_place, node=node, name="Chợ", state=Camera.State.ACTIVE)


def save(news: SliceNews, node_id: UUID) -> None:
    """What the recorder's parent does with a worker's news."""
    if isinstance(news, SliceOpened):
        Slice.objects.create(
            id=news.slice_id, camera_id=news.camera_id, rendition=news.rendition, node_id=node_id,
            generation=news.generation, path=news.path, init_hash=news.init_hash, mask_version=news.mask_version,
            media_sequence=news.media_sequence, discontinuity_sequence=news.discontinuity_sequence,
            starts_at=from_us(news.starts_us),
        )  # fmt: skip
    elif isinstance(news, SliceClosed):
        Slice.objects.filter(id=news.slice_id).update(
            state=Slice.State.CLOSED, ends_at=from_us(news.ends_us), bytes=news.bytes, root=news.root
        )


Record = Callable[..., Recording]


@pytest.fixture
def record(tmp_path: Path, node: MediaNode) -> Record:
    """Ten seconds of a camera in slices of four, with their rows: ``record(camera, ends="close" | "die")``."""

    def make(camera: Camera, *, ends: str = "close", wall_us: int = WALL_US, **options: object) -> Recording:
        stream = encoded()
        recording = Recording(tmp_path, camera_id=camera.id, **options)  # type: ignore[arg-type]
        fragments = muxed(stream, at=recording.writer._sequence * 180_000, wall_us=wall_us)
        recording.write(fragments, stream.init)
        if ends != "writing":
            getattr(recording, ends)()
        for news in recording.news:
            save(news, node.id)
        return recording

    return make


def agrees(root: Path) -> bool:
    """Rows = files = journals, looked at without ``check_store``."""
    rows = {row.path: row for row in Slice.objects.all()}
    media = {path.relative_to(root).as_posix(): path for path in root.glob("*/*/*/*.mp4")}
    if set(rows) != set(media):
        return False
    for name, row in rows.items():
        journal = Journal.open(media[name].with_suffix(".idx"))
        if journal.close is None or row.state == Slice.State.OPEN:
            return False
        if (row.bytes, row.root) != (media[name].stat().st_size, journal.root().hex()):
            return False
        if row.ends_at != from_us(journal.ends_us):
            return False
    return True
