"""Everything that the desk shows is taken by Slack, whatever people are called and write.

Two readings of the rules have to agree: the SDK's models and the sandbox's own limits.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import CodeType, FrameType

import orjson
import pytest

from adapters.slack.blocks import Body, units
from sandbox.slack.limits import check_blocks, check_view
from tests.adapters.slack.surfaces import SURFACES, Shown, makers, words_of
from tests.adapters.slack.worst import SENTENCES, Worst, worst

MOST_TEXT = 4_000
MOST_WORDS = 13_000
"""Units of all words of a message: Slack refuses what is longer (`msg_blocks_too_long`)."""


def problems(shown: Shown) -> Iterator[str]:
    if isinstance(shown, dict):
        yield from check_view(shown, len(orjson.dumps(shown)))
        return
    if shown.blocks:
        yield from check_blocks(shown.blocks)
    yield from _of_text(shown)
    if shown.sender and not 0 < units(shown.sender.name) <= 80:
        yield f"a sender's name of {units(shown.sender.name)} units"


def _of_text(body: Body) -> Iterator[str]:
    if not 0 < units(body.text) <= MOST_TEXT:
        yield f"a text of {units(body.text)} units"
    if words_of(body.blocks) > MOST_WORDS:
        yield f"{words_of(body.blocks)} units of words"


def distinct(language: str) -> Iterator[tuple[str, Shown]]:
    """Everything that is shown, and what looks the same only once."""
    seen: set[bytes] = set()
    for someone in worst(language):
        for name, make in SURFACES.items():
            for shown in make(someone):
                parts = [shown.text, shown.blocks] if isinstance(shown, Body) else shown
                look = orjson.dumps(parts)
                if look not in seen:
                    seen.add(look)
                    yield name, shown


@pytest.mark.parametrize("language", SENTENCES)
def test_everything_shown_is_within_slacks_limits(language: str) -> None:
    found = {
        f"{name}: {problem}"[:300]
        for name, shown in distinct(language)
        for problem in problems(shown)
    }
    assert sorted(found) == []


def test_nothing_that_makes_something_to_look_at_is_forgotten() -> None:
    """A maker that no line of the table comes to was never looked at: add a line for it."""
    seen: set[CodeType] = set()

    def called(frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            seen.add(frame.f_code)

    marked = "[Here](https://acme.test/a) it *is*, or `not`:\n\n> a quote\n\n1. and\n2. a list"
    sam = Worst("Sam Rivera", marked, "en")
    sys.setprofile(called)
    try:
        for make in SURFACES.values():
            list(make(sam))
    finally:
        sys.setprofile(None)
    assert [name for code, name in makers().items() if code not in seen] == []
