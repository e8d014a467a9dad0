"""Who is told that a post will come."""

from __future__ import annotations

from bridge.expecting import expecting
from bridge.model import HandoffId, Thread

THREAD = Thread(HandoffId("h1"), 1, "T1", "C1", "1.0")


class Ready:
    def __init__(self) -> None:
        self.threads: list[Thread] = []

    def expect(self, thread: Thread) -> None:
        self.threads.append(thread)


def test_a_desk_that_gets_ready_is_told() -> None:
    desk = Ready()
    expecting(desk)(THREAD)
    assert desk.threads == [THREAD]


def test_any_other_is_not() -> None:
    for desk in (None, object()):
        expecting(desk)(THREAD)
