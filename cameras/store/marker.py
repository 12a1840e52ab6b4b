"""Which node's footage stands in a folder: ``store.json`` in the store's root. Whatever deletes asks here first.

An empty folder on which a disk should be mounted looks like a store that somebody emptied, and a store looks full of
unknown cameras to a database that is not its own. In both, what repairs or deletes would do harm to all of it.
"""

import json
import logging
from contextlib import suppress
from pathlib import Path
from uuid import UUID

from backend.lib import privatefile
from cameras.models import Slice
from cameras.store.layout import INDEX, MARKER

log = logging.getLogger(__name__)

NEWEST = 20
"""Rows whose files are looked for in a store without a marker: one may be missing, all cannot."""


class NotThisStore(Exception):
    """The folder is not the store of this node and database. The message says what to look at."""


def store_claim(root: Path, node_id: UUID, *, force: bool = False, write: bool = True) -> None:
    """Make sure that ``root`` is the store of this node, and mark it where it does not say so yet.

    Without a marker it is: a new store, or one from before there were markers, so some of the newest recordings must
    be in it. Raises ``NotThisStore``, unless a person said ``force``. A marker that cannot be written is no fault:
    retention frees a full disk.
    """
    owner = owner_of(root)
    if owner == node_id:
        return
    if owner is not None and not force:
        raise NotThisStore(
            f"{root} holds the footage of node {owner}, and this is node {node_id}: "
            "look at DATA_DIR, DATABASE_URL and NODE_NAME."
        )
    if owner is None and not force:
        _require_the_newest(root, node_id)
    if write:
        try:
            privatefile.write(root / MARKER, json.dumps({"node": str(node_id)}) + "\n")
        except OSError as error:
            log.warning("the store cannot be marked as that of node %s: %s", node_id, error.strerror)


def store_present(root: Path, node_id: UUID) -> None:
    """For what touches only files that rows of this node name: marked as ``store_claim`` does, or at least there.

    After a lost database the folder still names the old node, while a new one records into it. Retention must go on
    then, or the disk fills; what judges other files must not. Raises ``NotThisStore``.
    """
    if owner_of(root) is None:
        store_claim(root, node_id)
    elif owner_of(root) != node_id:
        _require_the_newest(root, node_id)


def owner_of(root: Path) -> UUID | None:
    """The node that the marker names; None where there is none, or no whole one."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        return UUID(json.loads((root / MARKER).read_text())["node"])
    return None


def _require_the_newest(root: Path, node_id: UUID) -> None:
    """Nothing is required where nothing was recorded yet. Open slices do not count: a recorder may write them into a
    wrong folder just now."""
    finished = Slice.objects.filter(node_id=node_id).exclude(state=Slice.State.OPEN).order_by("-starts_at")
    files = [root / path for path in finished.values_list("path", flat=True)[:NEWEST]]
    if files and not any(file.exists() or file.with_suffix(INDEX).exists() for file in files):
        raise NotThisStore(f"{root} holds none of the newest recordings of node {node_id}: is its disk mounted?")
