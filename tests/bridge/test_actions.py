"""Actions of one's own: what is filled in, what is set off in another system, and what it says."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from standardwebhooks.webhooks import Webhook

from bridge import settings_actions
from bridge.acting import LONGEST
from bridge.actions import MISSING, TAKES_NOTHING, Action, Actions, Field
from bridge.commands import (
    ActionAnswered,
    Claim,
    NotDelivered,
    Rejected,
    Resolve,
    RunAction,
    ToHandoff,
)
from bridge.effects import Line, Mark, PostMessage
from bridge.errors import Refused, SettingsError
from bridge.events import Kind
from bridge.favours import CallAction
from bridge.invoking import Invoker, Place, text_of
from bridge.lanes import lane_of
from bridge.model import Agent, HandoffId, Message, Role, Visibility
from bridge.posting import PRIVATE, Outcome
from bridge.settings import Settings
from bridge.stores import Work
from bridge.views import CustomerPost, LinePost
from bridge.words import Said, Sense, read
from tests.bridge.driver import ANA, BOT, CNV, GUEST, World
from tests.bridge.house import HandClock, House, house
from tests.bridge.running import in_file
from tests.bridge.test_talk import handed_over, lines, marks
from tests.bridge.tools import the_librarys_clock

__all__ = ["the_librarys_clock"]
SECRET = "whsec_" + base64.b64encode(b"the secret of an action, of thirty-two").decode()
REFUND = Action(
    "refund", "Refund", (Field("amount", "Amount"), Field("why", "Reason", required=False))
)
OWN = Actions((REFUND, Action("freeze", "Freeze the card")))
POLICY = replace(BOT, actions=OWN)
WORD = "slack:T1:C1:2.1"


# --- what is filled in ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "values", "fault"),
    [
        ("20 EUR", {"amount": "20 EUR"}, ""),
        ("amount: 20\nReason: he was\nangry: very", {"amount": "20", "why": "he was\nangry: very"},
         ""),
        ("20\nwhy: late", {"amount": "20", "why": "late"}, ""),
        ("why: late", {"why": "late"}, f"{MISSING}\nAmount"),
        ("", {}, f"{MISSING}\nAmount"),
    ],
)  # fmt: skip
def test_fields_are_filled_by_name_or_the_first_alone(
    text: str, values: dict[str, str], fault: str
) -> None:
    assert REFUND.filled(text) == (values, fault)


def test_one_without_fields_takes_no_words() -> None:
    assert OWN
    assert not Actions()
    assert OWN.all[1].filled("") == ({}, "")
    assert OWN.all[1].filled("now") == ({}, TAKES_NOTHING)


@given(st.text())
def test_no_text_breaks_anything_and_none_of_it_is_lost(text: str) -> None:
    values, _ = REFUND.filled(text)
    assert set("".join(text.split())) <= set("".join(values.values())) | set("amount:why：Reason:")


@pytest.mark.parametrize(
    ("typed", "read_as"),
    [
        ("!refund 20 EUR", Said(Sense.VERB, "refund 20 EUR", "do")),
        ("!Freeze", Said(Sense.VERB, "freeze", "do")),
        ("!refund: 20", Said(Sense.VERB, "refund 20", "do")),
    ],
)
def test_its_name_behind_the_mark_is_its_word(typed: str, read_as: Said) -> None:
    assert OWN.read(read(typed)) == read_as


@pytest.mark.parametrize("typed", ["! refund", "!unknown", "refund", "!resolve", "!n refund"])
def test_nothing_else_is(typed: str) -> None:
    assert OWN.read(read(typed)) == read(typed)


# --- what it does --------------------------------------------------------------------------------


def run(world: World, name: str = "refund", text: str = "20", by: Agent = ANA) -> object:
    return world.do(RunAction(world.key(), world.tick(), world.thread, by, name, text, WORD))


def test_it_is_set_off_once_with_what_was_filled_in() -> None:
    world = handed_over(POLICY)
    command = RunAction("click", world.tick(), ToHandoff(world.handoff.id), ANA, "refund", "20")
    for _ in range(2):
        world.do(command)
    [call] = world.effects(CallAction)
    assert (call.action, call.fields, call.agent) == ("refund", {"amount": "20"}, ANA.id)
    assert lane_of(call, CNV) == f"hook:refund:{CNV}"
    assert [event.body["id"] for event in world.events if event.kind is Kind.ACTION_RUN] == [
        call.id
    ]


@pytest.mark.parametrize(
    ("name", "text", "by", "reason"),
    [
        ("refnd", "20", ANA, "unknown_action\nrefund"),
        ("refund", "", ANA, "action_missing\nAmount"),
        ("freeze", "it", ANA, "action_takes_nothing"),
        ("freeze", "", GUEST, "not_a_member"),
    ],
)
def test_what_cannot_be_done_is_refused_with_the_reason(
    name: str, text: str, by: Agent, reason: str
) -> None:
    world = handed_over(POLICY)
    assert run(world, name, text, by) == Rejected(reason, {"rejected": reason})
    assert world.effects(CallAction) == []
    assert (lines(world), marks(world)) == ([(Line.REFUSED, reason)], [Mark.FAILED])


def notes(world: World) -> list[Message]:
    return [m for m in world.in_order() if m.author.id == "action:refund"]


def test_its_answer_is_a_note_also_after_the_end_and_never_for_the_customer() -> None:
    world = handed_over(POLICY)
    run(world)
    world.do(Resolve(world.key(), world.tick(), world.thread, ANA))
    world.answer(CallAction, lambda claim: ActionAnswered(claim, world.now, "Done! " * LONGEST))
    [note] = notes(world)
    assert (note.author.name, note.visibility) == ("Refund", Visibility.INTERNAL)
    assert len(note.text) == LONGEST
    assert note.author.role is Role.SYSTEM
    assert world.effects(PostMessage)[-1].message_id == note.id


def test_one_that_says_nothing_is_told_as_done() -> None:
    world = handed_over(POLICY)
    run(world)
    world.answer(CallAction, lambda claim: ActionAnswered(claim, world.now, " "))
    assert (lines(world), marks(world)) == ([(Line.ACTION_DONE, "Refund")], [Mark.NOTE])


def test_one_that_failed_is_told_with_the_reason() -> None:
    world = handed_over(POLICY)
    run(world)
    world.answer(CallAction, lambda claim: NotDelivered(claim, world.now, "http_500"))
    assert lines(world) == [(Line.ACTION_FAILED, "http_500\nRefund")]
    assert marks(world) == [Mark.NOTE, Mark.FAILED]


# --- how it is sent ------------------------------------------------------------------------------


@dataclass
class System:
    """The other one. `mood`: what it answers next; the last for ever."""

    mood: list[Outcome] = field(default_factory=lambda: [Outcome(200, body=b'{"text": "Paid"}')])
    heard: list[tuple[str, dict[str, str], dict[str, Any]]] = field(default_factory=list)

    async def fault(self, url: str) -> str:
        return url and ""

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Outcome:
        self.heard.append((url, dict(headers), orjson.loads(body)))
        return self.mood.pop(0) if len(self.mood) > 1 else self.mood[0]


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[House]:
    async with house(in_file(tmp_path), policy=POLICY) as made:
        await made.hands_over()
        yield made


def joined(desk: House, *mood: Outcome, places: bool = True) -> System:
    system = System()
    system.mood = list(mood) or system.mood
    where = {"refund": Place("https://erp.example/refunds", SECRET)} if places else {}
    desk.performer.invoke = Invoker(desk.reads, system, where, desk.clock).invoke
    return system


async def acts(desk: House) -> None:
    await desk.do(RunAction(desk.key(), desk.clock.now, desk.thread, ANA, "refund", "20", WORD))
    for _ in range(4):
        await desk.later(5)


def told(desk: House) -> list[str]:
    """What the thread says of it."""
    posts = [post for _, post in desk.desk.posted]
    said = [post.text for post in posts if isinstance(post, CustomerPost)]
    return said + [post.detail for post in posts if isinstance(post, LinePost) and post.detail]


async def test_the_other_system_is_asked_with_a_signature_and_its_answer_is_shown(
    desk: House, the_librarys_clock: Callable[[HandClock], None]
) -> None:
    system = joined(desk)
    the_librarys_clock(desk.clock)
    await acts(desk)
    [(url, headers, body)] = system.heard
    assert url == "https://erp.example/refunds"
    assert Webhook(SECRET).verify(orjson.dumps(body), headers) == body
    assert headers["webhook-id"] == body["data"]["id"]
    assert (body["type"], body["data"]["fields"]) == ("action.run", {"amount": "20"})
    assert body["data"]["actor"] == {"role": "agent", "id": "U1", "name": "Ana"}
    assert body["data"]["user"]["name"] == "Sam"
    assert body["data"]["number"] == 1
    assert "Paid" in told(desk)


@pytest.mark.parametrize("first", [Outcome(503), Outcome(429), Outcome(error="failed_ReadTimeout")])
async def test_what_may_go_well_another_time_is_sent_again_under_the_same_id(
    desk: House, first: Outcome
) -> None:
    system = joined(desk, first, Outcome(200, body=b'{"text": "Paid"}'))
    await acts(desk)
    assert "Paid" in told(desk)
    assert len(system.heard) == 2
    assert len({headers["webhook-id"] for _, headers, _ in system.heard}) == 1


@pytest.mark.parametrize(
    ("outcome", "tries", "reason"),
    [
        (Outcome(500), 3, "http_500"),
        (Outcome(422), 1, "http_422"),
        (Outcome(error=PRIVATE), 1, PRIVATE),
    ],
)
async def test_one_that_does_not_work_is_told_in_the_end(
    desk: House, outcome: Outcome, tries: int, reason: str
) -> None:
    system = joined(desk, outcome)
    await acts(desk)
    assert f"{reason}\nRefund" in told(desk)
    assert len(system.heard) == tries


async def test_one_that_the_settings_have_no_more_is_told_so(desk: House) -> None:
    await acts(desk)
    joined(desk, places=False)
    await acts(desk)
    assert told(desk).count("no_action\nRefund") == 2
    gone = CallAction(HandoffId("hnd_none"), "refund", "Refund", "act_1", 0, ANA.id, "Ana", {})
    work = Work(Claim(999, "hook:refund:cnv", "nobody"), CNV, gone, 0)
    place = {"refund": Place("https://erp.example", SECRET)}
    with pytest.raises(Refused, match="no_handoff"):
        await Invoker(desk.reads, System(), place, desk.clock).invoke(work, gone)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"text": 1}'])
def test_an_answer_without_words_says_nothing(body: bytes) -> None:
    assert text_of(body) == ""


def test_an_answer_has_no_characters_that_no_database_keeps() -> None:
    assert text_of(b'{"text": "a\\u0000b"}') == "a\ufffdb"


# --- the settings --------------------------------------------------------------------------------

LIST: TypeAdapter[Any] = TypeAdapter(settings_actions.ActionList)
GOOD = {"name": "refund", "label": "Refund", "url": "https://erp.example/x", "secret": SECRET}


def test_the_settings_name_fields_in_short_or_in_full() -> None:
    fields = ["amount", {"name": "why", "label": "Reason", "required": False, "multiline": True}]
    made = settings_actions.made(LIST.validate_python([{**GOOD, "fields": fields}]))
    assert made.all[0].fields == (
        Field("amount", "amount"),
        Field("why", "Reason", required=False, multiline=True),
    )


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"name": "resolve"}, "resolve is a command"),
        ({"name": "t"}, "t is a command"),
        ({"name": "Re fund"}, "pattern"),
        ({"fields": ["a", "a"]}, "two have the same name"),
        ({"url": "https://u:p@erp.example/"}, "must not hold a user's name"),
        ({"secret": "abc"}, "whsec_"),
    ],
)
def test_what_does_not_fit_is_told(changes: dict[str, Any], fault: str) -> None:
    with pytest.raises(ValidationError, match=fault):
        LIST.validate_python([{**GOOD, **changes}])


def test_a_name_means_one_thing(tmp_path: Path) -> None:
    path = tmp_path / "deskbridge.toml"
    one = (
        f'[[actions]]\nname = "NAME"\nlabel = "X"\nurl = "https://e.example"\nsecret = "{SECRET}"\n'
    )
    template = '[templates]\nshortcuts = [{name = "hello", value = "Hi"}]\n'
    names = ("hello", "twice", "twice")
    path.write_text(template + "".join(one.replace("NAME", name) for name in names))
    with pytest.raises(SettingsError) as caught:
        Settings.load({}, path)
    said = "[0].name: hello is a template; [2].name: there are two twice"
    assert caught.value.faults == {"actions": said}
