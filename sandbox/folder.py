"""The demo's folder: gone when the demo ends, by a signal too, or else when the next one begins.

Each folder has a lock that its process holds as long as it lives. A process that was killed leaves
its folder behind, and a lock that nobody holds.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

PREFIX = "deskbridge-demo-"
LOCK = "held"
ENDING = (signal.SIGTERM, signal.SIGHUP)
"""What ends a process without a word unless it is handled; SIGHUP: the terminal was closed."""


@contextmanager
def folder_of_this_process() -> Iterator[Path]:
    """A new folder. Removes those of demos that are no more."""
    remove_stale(Path(tempfile.gettempdir()))
    with _ended_in_order(), tempfile.TemporaryDirectory(prefix=PREFIX) as name:
        lock = _hold(Path(name))
        try:
            yield Path(name)
        finally:
            os.close(lock)


def remove_stale(parent: Path) -> None:
    """Only folders with a lock that is ours and that nobody holds; all others are let be."""
    for folder in parent.glob(f"{PREFIX}*"):
        if _is_stale(folder / LOCK):
            shutil.rmtree(folder, ignore_errors=True)  # another demo may be doing the same


def _hold(folder: Path) -> int:
    """The lock has its name only when it is held, so nobody ever sees it free meanwhile."""
    draft = folder / f"{LOCK}.new"
    descriptor = os.open(draft, os.O_CREAT | os.O_RDWR, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    draft.rename(folder / LOCK)
    return descriptor


def _is_stale(lock: Path) -> bool:
    try:
        descriptor = os.open(lock, os.O_RDWR | os.O_NOFOLLOW)
    except OSError:  # not there, or somebody else's
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    else:
        return os.fstat(descriptor).st_uid == os.geteuid()
    finally:
        os.close(descriptor)


@contextmanager
def _ended_in_order() -> Iterator[None]:
    """While the server runs it has handlers of its own; this is for the time before and after."""
    before = {number: signal.signal(number, _leave) for number in ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _leave(_number: int, _frame: FrameType | None) -> None:
    sys.exit(0)
