"""Templates and macros on the desk: by a word, by the picker, behind a slash; how they look."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.models.views import View

from adapters.slack import card, lines, menus, ready, replies
from adapters.slack.blocks import Body
from adapters.slack.config import SlackConfig
from adapters.slack.targets import of_view
from bridge.commands import (
    Accepted,
    Answer,
    Look,
    RanMacro,
    Rejected,
    Request,
    Resolve,
    SendTemplate,
    SetLabels,
    ToHandoff,
)
from bridge.effects import Line
from bridge.model import Agent, AgentId, HandoffId
from bridge.ranks import Rank
from bridge.templates import Macro, Template, Templates
from bridge.views import LinePost
from sandbox.slack import seed
from tests.adapters.slack.checks import buttons, check, check_limits
from tests.adapters.slack.test_ways import modal, shown, typed
from tests.adapters.slack.texts import LONG, TEXT
from tests.adapters.slack.things import ANA, assigned, contact, conversation, held, view
from tests.adapters.slack.world import World

HANDOFF = ToHandoff(HandoffId("hnd_1"))
WHO = Agent(AgentId(ANA), "Ana")


async def say(slack: World, text: str) -> str:
    """Ana writes it into the thread of her handoff; where it is."""
    thread = slack.books.threads.get("hnd_1") or await slack.opened(assigned())
    return await slack.ana.reply(thread.channel, thread.ts, text)


# --- by a word -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "name", "words"),
    [("!hello", "hello", ""), ("!t order", "order", ""), ("!template Hello", "Hello", ""),
     ("!t hello\nHello you", "hello", "Hello you")],
)  # fmt: skip
async def test_a_word_asks_for_a_template(slack: World, text: str, name: str, words: str) -> None:
    ts = await say(slack, text)
    asked = await slack.bridge.next(SendTemplate)
    assert (asked.name, asked.text, asked.by.id) == (name, words, ANA)
    assert asked.said.endswith(ts)


async def test_a_word_alone_shows_what_there_is(slack: World) -> None:
    await say(slack, "!t")
    assert (await slack.bridge.next(Look)).verb == "template"
    await slack.desk.idle()
    seen = shown((await slack.ana.ephemerals())[-1])
    for text in ("!hello", "Hello Sam", "!done", "Macro: label vip · t hello · resolve silent"):
        assert text in seen
    await slack.ana.click(
        "template", channel=seed.ORDERS, ts=(await slack.ana.ephemerals())[-1]["ts"]
    )
    await modal(slack.ana, "Template")


async def test_a_macro_does_one_after_another_and_its_word_has_one_mark(slack: World) -> None:
    ts = await say(slack, "!done")
    ran = await slack.bridge.next(RanMacro)
    steps = [await slack.bridge.next(kind) for kind in (SetLabels, SendTemplate, Resolve)]
    assert [step.said for step in steps] == ["", "", ""]
    assert [step.key for step in steps] == [f"{ran.key}/{n}" for n in range(3)]
    assert (ran.name, ran.refused) == ("done", "")
    assert ran.said.endswith(ts)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [(Rejected("unfilled\nuserName"), "unfilled\nuserName"),
     (Accepted({"rejected": "not_now"}), "not_now"), (Accepted({"held": "foreign"}), "held")],
)  # fmt: skip
async def test_a_macro_ends_at_the_first_that_is_refused_or_held(
    slack: World, answer: Answer, reason: str
) -> None:
    def bridge(command: Request) -> Answer:
        return answer if isinstance(command, SendTemplate) else Accepted()

    slack.bridge.answer = bridge
    await say(slack, "!t done")
    ran = await slack.bridge.next(RanMacro)
    assert (ran.step, ran.refused) == ("t hello", reason)
    assert not any(isinstance(command, Resolve) for command in slack.bridge.commands)


# --- by the picker -------------------------------------------------------------------------------


async def picked(slack: World, name: str) -> dict[str, Any]:
    """The picker, opened on the card, with one of them chosen."""
    thread = await slack.opened(assigned())
    await slack.ana.click("template", channel=thread.channel, ts=thread.ts)
    form = await modal(slack.ana, "Template")
    assert "Choose one to see it as Sam will read it." in shown(form)
    await slack.ana.click(ready.CHOSEN, view_id=form["id"], option=name)
    await slack.desk.idle()
    return await modal(slack.ana, "Template")


async def test_what_is_chosen_is_seen_as_the_customer_will_read_it_and_can_be_changed(
    slack: World,
) -> None:
    form = await picked(slack, "hello")
    assert form["blocks"][2]["element"]["initial_value"] == "Hello Sam"
    told = await slack.ana.submit(form["id"], {"arg": "Hello dear Sam"})
    assert told["response_action"] == "update"
    asked = await slack.bridge.next(SendTemplate)
    assert (asked.to, asked.name, asked.text) == (HANDOFF, "hello", "Hello dear Sam")
    assert "Sent to #42, Sam Rivera" in shown(await modal(slack.ana, "Deskbridge"))


async def test_another_choice_brings_other_words_and_a_gap_is_told(slack: World) -> None:
    form = await picked(slack, "hello")
    await slack.ana.click(ready.CHOSEN, view_id=form["id"], option="order")
    await slack.desk.idle()
    form = await modal(slack.ana, "Template")
    assert "{{attributes.order}} is on its way" in shown(form)
    assert "Nothing is known of Sam for {{attributes.order}}: write it in." in shown(form)
    slack.bridge.answer = lambda _: Rejected("unfilled\nattributes.order")
    told = await slack.ana.submit(form["id"], {})
    [(field, why)] = told["errors"].items()
    assert field == form["blocks"][2]["block_id"]
    assert why.endswith("Missing: {{attributes.order}}.")


async def test_what_is_held_says_so(slack: World) -> None:
    form = await picked(slack, "hello")
    slack.bridge.answer = lambda _: Accepted({"held": "foreign"})
    await slack.ana.submit(form["id"], {})
    seen = shown(await modal(slack.ana, "Deskbridge"))
    assert "✋ Not sent to #42, Sam Rivera: Ana Torres has this conversation." in seen


async def test_a_macro_shows_its_steps_and_says_where_it_stopped(slack: World) -> None:
    form = await picked(slack, "done")
    assert "1. label vip" in shown(form)

    def bridge(command: Request) -> Answer:
        return Rejected("already_ended") if isinstance(command, Resolve) else Accepted()

    slack.bridge.answer = bridge
    told = await slack.ana.submit(form["id"], {})
    [(field, why)] = told["errors"].items()
    assert why == (
        "“resolve silent” was not done, nor what follows it. This conversation has ended already. "
        "Done before it: label vip · t hello."
    )
    assert field == form["blocks"][1]["block_id"]
    assert not any(isinstance(command, RanMacro) for command in slack.bridge.commands)


async def test_a_choice_about_nobody_changes_nothing(slack: World) -> None:
    form = await picked(slack, "hello")
    slack.books.views.clear()
    await slack.ana.click(ready.CHOSEN, view_id=form["id"], option="order")
    await slack.desk.idle()
    assert "Hello Sam" in shown(await modal(slack.ana, "Template"))


# --- behind a slash ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [("/desk t 42 hello", "Sent to #42, Sam Rivera"),
     ("/desk template hello", "Sent to #42, Sam Rivera"),
     ("/desk t 42 done", "Done for #42, Sam Rivera: label vip · t hello · resolve silent"),
     ("/desk t 42", "Templates for #42, Sam Rivera")],
)  # fmt: skip
async def test_the_same_behind_a_slash(slack: World, text: str, said: str) -> None:
    slack.books.views = [assigned()]
    slack.books.users = [(conversation(), contact())]
    assert (await typed(slack, text))["text"] == said


async def test_a_name_that_is_none_is_told_those_that_are_near(slack: World) -> None:
    slack.books.views = [assigned()]
    slack.bridge.answer = lambda _: Rejected("unknown_template\nhello")
    seen = await typed(slack, "/desk t 42 helo")
    assert seen["text"] == "There is no template of that name. Did you mean hello?"


# --- looks ---------------------------------------------------------------------------------------


async def test_a_mistyped_word_is_told_those_that_are_near(slack: World) -> None:
    thread = await slack.opened(assigned())
    said = held("unknown_command", "!helo")
    post = LinePost(Line.HELD, said, ANA, "Ana", "unknown_command")
    await slack.desk.post(thread, assigned(), post, "k")
    posted = (await slack.ana.thread(thread.channel, thread.ts))[-1]
    assert "Did you mean !hello or !help?" in posted["text"]
    other = replace(post, message=held("foreign", "!helo"))
    assert "Did you mean" not in lines.line(assigned(), other, "k").text


def test_where_a_macro_stopped_stands_in_a_line() -> None:
    post = LinePost(Line.REFUSED, None, ANA, "Ana", "macro\nt hello\nunfilled\nuserName")
    assert lines.line(assigned(), post, "k").text == (
        "⚠️ Ana: “t hello” was not done, nor what follows it. Nothing was sent: I do not "
        "know everything that it says about this customer. Missing: {{userName}}."
    )


def test_no_menu_offers_what_the_settings_or_the_role_of_who_asks_forbid() -> None:
    config, target = (
        SlackConfig(bot_token="t", signing_secret="s", channel="C1"),
        of_view(assigned()),
    )
    assert config.never == ("template", "delete")
    assert replace(config, may_delete=True).never == ("template",)
    assert "delete" not in str(card.card(assigned(), never=config.never).blocks)
    assert "delete" in str(card.card(assigned()).blocks)
    assert not {"template", "delete"} & set(buttons(menus.menu(target, WHO, config.never)))
    shown = buttons(menus.menu(target, replace(WHO, rank=Rank.SUPERVISOR)))
    fewer = buttons(menus.menu(target, replace(WHO, rank=Rank.AGENT)))
    assert set(shown) - set(fewer) == {"reject", "block", "delete"}


def test_without_templates_nothing_offers_them() -> None:
    none, target = Templates(), of_view(assigned())
    for each in (view(), assigned()):
        assert "template" not in str(card.card(each, never=("template",)).blocks)
        assert "template" in str(card.card(each, never=()).blocks)
    assert "template" not in buttons(menus.menu(target, WHO, ("template",)))
    assert "no templates" in str(ready.picker(none, target, WHO)["blocks"])
    assert "no templates" in ready.page(none, target, WHO).text
    assert replies.meant(()) == ""


NAMES = st.text(
    st.characters(exclude_categories=["Z", "C"], exclude_characters="|"), min_size=1, max_size=40
)


MADE = st.lists(
    st.tuples(NAMES, TEXT | LONG), max_size=12, unique_by=lambda each: each[0].casefold()
)


@given(MADE, st.integers(0, 12), st.booleans())
def test_the_picker_and_the_list_keep_within_slacks_limits(
    made: list[tuple[str, str]], chosen: int, many: bool
) -> None:
    shortcuts = tuple(Template(name, {"en": text or "x"}) for name, text in made)
    if many:
        shortcuts += tuple(Template(f"t{n}", {"en": "x"}) for n in range(150))
    macros = (Macro("steps", ("note " + "x" * 490,) * 20),)
    all_ = Templates("!", shortcuts, macros)
    target = of_view(assigned(contact={"name": "😀" * 300}))
    name = all_.all[chosen % len(all_.all)].name
    check(ready.page(all_, target, WHO))
    for form in (ready.picker(all_, target, WHO), ready.picker(all_, target, WHO, name)):
        check_limits(Body("a form", form["blocks"]))
        View(**form).validate_json()
        assert len(form["private_metadata"]) <= 3_000
        assert len(orjson.dumps(form)) < 250_000
