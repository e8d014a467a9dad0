"""What the nursery starts is a process like any other."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.nursery import SOURCE, Child, nursery
from tests.servers import wait_until
from tests.test_servers import is_over

ORPHAN = """
import sys
from pathlib import Path
from tests.nursery import nursery
child = nursery().start(["-m", "http.server", "0"], Path(sys.argv[1]) / "log", {})
print(child.pid, flush=True)
sys.stdin.read()
"""


def start(log: Path, *command: str, **env: str) -> Child:
    born = nursery()
    assert born
    return born.start(["-m", *command], log, env)


def test_it_has_its_own_arguments_environment_and_folder(tmp_path: Path) -> None:
    log = tmp_path / "log"
    (tmp_path / "deskbridge.toml").write_text("[nothing]\n")
    start(log, "bridge.cli", "parked", DATABASE_URL="mysql://").wait(30)
    assert "DATABASE_URL" in log.read_text()
    assert "nothing" in log.read_text()


def test_it_is_killed_alone_and_waits_for_nobody(tmp_path: Path) -> None:
    one, other = (start(tmp_path / name, "http.server", "0") for name in ("one", "other"))
    with pytest.raises(subprocess.TimeoutExpired):
        one.wait(0.01)
    one.kill()
    one.wait(10)
    assert (one.poll(), other.poll()) == (0, None)
    other.send_signal(signal.SIGTERM)
    other.wait(10)
    other.kill()  # is nobody's any more


def test_it_ends_with_the_run_that_started_it(tmp_path: Path) -> None:
    run = subprocess.Popen(
        [sys.executable, "-c", ORPHAN, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
    )
    assert run.stdout is not None
    pid = int(run.stdout.readline())
    run.kill()
    run.communicate()
    assert wait_until(lambda: is_over(pid), 10)
