"""How customers know an agent, as the agent says."""

from __future__ import annotations

import pytest

from bridge.attending import Seat
from bridge.commands import Introduce, ToAgent
from bridge.events import Kind
from bridge.introducing import BAD, faults, introduce
from bridge.model import DEFAULT_WORKSPACE
from tests.bridge.driver import ANA, START

HERE = ToAgent(DEFAULT_WORKSPACE, ANA.id)
PICTURE = "https://shop.example/ana.png"


@pytest.mark.parametrize(
    ("name", "picture", "languages", "wrong"),
    [
        ("Ana from Support", PICTURE, ("en", "fra"), set()),
        ("", "", (), set()),
        ("שרה 👩", "", (), set()),
        ("x" * 81, "", (), {"name"}),
        ("Ana\nTorres", "", (), {"name"}),
        ("\u202eanA", "", (), {"name"}),
        ("", "http://shop.example/ana.png", (), {"avatar_url"}),
        ("", "https://", (), {"avatar_url"}),
        ("", "https://ana:secret@shop.example/", (), {"avatar_url"}),
        ("", "https://[", (), {"avatar_url"}),
        ("", "https://shop.example/é.png", (), {"avatar_url"}),
        ("", f"https://shop.example/{'x' * 1000}", (), {"avatar_url"}),
        ("", "", ("english",), {"languages"}),
        ("", "", ("en",) * 21, {"languages"}),
        ("x" * 81, "ftp://x", ("e",), {"name", "avatar_url", "languages"}),
    ],
)
def test_what_cannot_be_shown_to_customers_is_named_by_field(
    name: str, picture: str, languages: tuple[str, ...], wrong: set[str]
) -> None:
    assert faults(name, picture, languages).keys() == wrong


def test_it_is_written_down_and_changes_nothing_of_whether_they_are_there() -> None:
    command = Introduce("k", START, HERE, ANA.as_author(), "Ana from Support", PICTURE, ("en",))
    there = Seat(DEFAULT_WORKSPACE, ANA.id, online=True)
    done = introduce(there, command)
    assert (done.seat, done.refused, done.stirs) == (there, "", True)
    assert done.event is not None
    assert (done.event.kind, done.event.body["name"]) == (Kind.AGENT_DESCRIBED, "Ana from Support")
    assert introduce(None, Introduce("k", START, HERE, ANA.as_author(), "\n")).refused == BAD
