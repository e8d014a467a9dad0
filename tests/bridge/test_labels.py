"""Which labels may be put on: those of the settings as these spell them, others where allowed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bridge.commands import Rejected, Resolve, SetLabels
from bridge.effects import Line, Mark
from bridge.labels import ANY, Labels
from bridge.settings_sections import LabelSettings, QueueSettings
from tests.bridge.driver import ANA, BOT, World
from tests.bridge.test_talk import handed_over, lines, marks

SOME = Labels(("refund", "VIP", "late", "fraud"), free=False)
WORD = "slack:T1:C1:2.1"


def desk(labels: Labels = SOME) -> World:
    return handed_over(replace(BOT, labels=labels))


def labels(world: World, *add: str, off: tuple[str, ...] = (), said: str = "") -> object:
    return world.do(SetLabels(world.key(), world.tick(), world.thread, ANA, add, off, said))


def on(world: World) -> list[str]:
    return list(world.handoff.labels)


@pytest.mark.parametrize(
    ("given", "strange", "near"),
    [
        (("refund", "vip"), (), ()),
        (("refnd", "late"), ("refnd",), ("refund",)),
        (("x", "y"), ("x", "y"), ()),
    ],
)
def test_what_the_settings_do_not_name_is_strange(
    given: tuple[str, ...], strange: tuple[str, ...], near: tuple[str, ...]
) -> None:
    assert (SOME.strange(given), SOME.near(strange)) == (strange, near)
    assert ANY.strange(given) == replace(SOME, free=True).strange(given) == ()
    assert Labels(("a", "b"), free=False).near(["zzz"]) == ("a", "b")  # of so few all are told


def test_they_are_put_on_and_taken_off_as_the_settings_spell_them() -> None:
    world = desk()
    labels(world, "Refund", "vip")
    assert on(world) == ["refund", "VIP"]
    labels(world, off=("REFUND", "vip"))
    assert on(world) == []


def test_a_strange_one_is_refused_with_those_that_may_be_meant_and_nothing_is_put_on() -> None:
    world = desk()
    assert labels(world, "late", "refnd") == Rejected("unknown_label\nrefnd\nrefund")
    assert world.handoff.labels == ()
    labels(world, "refnd", said=WORD)
    assert marks(world) == [Mark.FAILED]
    assert lines(world)[-1:] == [(Line.REFUSED, "unknown_label\nrefnd\nrefund")]
    assert world.handoff.labels == ()


def test_a_strange_one_that_is_on_it_stays_and_may_be_taken_off() -> None:
    world = desk()
    world.handoffs[world.handoff.id] = replace(world.handoff, labels=("spam",))
    labels(world, "spam", "late")
    assert on(world) == ["spam", "late"]
    labels(world, off=("spam",))
    assert on(world) == ["late"]


def test_a_strange_one_before_a_reason_resolves_nothing() -> None:
    world = desk()
    done = Resolve(world.key(), world.tick(), world.thread, ANA, "sent back", labels=("refnd",))
    assert world.do(done) == Rejected("unknown_label\nrefnd\nrefund")
    assert world.handoff.is_open


def test_what_queues_name_is_a_label_too_and_without_names_any_is() -> None:
    queues = (
        QueueSettings(name="a", labels=("vip", "bill"), require_labels=("refund",)),
        QueueSettings(name="b", require_labels=True),
    )
    some = LabelSettings(names=("vip", "late"))
    assert some.made(queues) == Labels(("vip", "late", "refund", "bill"), free=False)
    assert LabelSettings(names=("vip",), free=True).made(()) == Labels(("vip",), free=True)
    assert LabelSettings().made(queues) == Labels(("refund", "vip", "bill"), free=True)
