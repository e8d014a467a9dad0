"""The demo leaves nothing behind in the folder for temporary things."""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from sandbox.folder import LOCK, PREFIX, folder_of_this_process, remove_stale

TOP = Path(__file__).parents[2]
HOLDS = """
import signal
from sandbox.folder import folder_of_this_process
with folder_of_this_process() as folder:
    (folder / "demo.db").touch()
    print(folder, flush=True)
    signal.pause()
"""


def holding(parent: Path) -> tuple[subprocess.Popen[str], Path]:
    """A process with a folder, and which it is."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDS],
        env={"PYTHONPATH": str(TOP), "TMPDIR": str(parent)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    return process, Path(process.stdout.readline().strip())


def ended(process: subprocess.Popen[str], by: signal.Signals) -> int:
    process.send_signal(by)
    process.communicate(timeout=60)
    return process.returncode


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_takes_the_folder_away(tmp_path: Path, by: signal.Signals) -> None:
    process, folder = holding(tmp_path)
    assert (folder / "demo.db").exists()
    ended(process, by)
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_demo_left_the_next_one_removes_and_only_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    dead, left = holding(tmp_path)
    alive, held = holding(tmp_path)
    strange = tmp_path / f"{PREFIX}without-a-lock"
    strange.mkdir()
    try:
        assert ended(dead, signal.SIGKILL) == -signal.SIGKILL
        assert left.exists()
        with folder_of_this_process() as mine:
            assert sorted(tmp_path.iterdir()) == sorted([held, strange, mine])
        assert sorted(tmp_path.iterdir()) == sorted([held, strange])
    finally:
        ended(alive, signal.SIGTERM)


def test_a_lock_that_is_somewhere_else_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").touch()
    folder = tmp_path / f"{PREFIX}1"
    folder.mkdir()
    (folder / LOCK).symlink_to(tmp_path / "elsewhere")
    remove_stale(tmp_path)
    assert folder.exists()
