"""The form of labels: what it offers, and that what is filled in says what one would have typed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.slack import arguments, labelling, menus, replies
from adapters.slack.targets import of_view
from bridge.commands import Rejected, SetLabels
from bridge.labels import ANY, Labels
from bridge.settings_sections import LabelSettings
from sandbox.slack import seed
from tests.adapters.slack.checks import shown
from tests.adapters.slack.test_ways import modal, typed
from tests.adapters.slack.things import assigned, ended
from tests.adapters.slack.world import Stage, World, world

SOME = LabelSettings(names=("refund", "vip", "late"))
TAGGED = assigned(handoff={"labels": ("vip", "spam", "two words")})


async def form(slack: World) -> dict[str, Any]:
    thread = await slack.opened(TAGGED)
    option = f"label{menus.CHOICE_SEPARATOR}hnd_1"
    await slack.ana.click("more", channel=thread.channel, ts=thread.ts, option=option)
    return await modal(slack.ana, "Labels")


def fields(view: dict[str, Any]) -> dict[str, Any]:
    return {b["block_id"]: b["element"] for b in view["blocks"] if b["type"] == "input"}


@pytest.mark.parametrize("free", [False, True])
async def test_the_labels_there_are_can_be_chosen_and_those_that_are_on_it_are(
    stages: tuple[Stage, Stage], free: bool
) -> None:
    async with world(stages, labels=SOME.model_copy(update={"free": free})) as slack:
        view = await form(slack)
        menu = fields(view)["labels"]
        assert [o["value"] for o in menu["options"]] == ["vip", "spam", "refund", "late"]
        assert [o["value"] for o in menu["initial_options"]] == ["vip", "spam"]
        assert ("arg" in fields(view)) is free
        others = {"arg": "odd"} if free else {}
        await slack.ana.submit(view["id"], {"labels": ["vip", "late"], **others})
        command = await slack.bridge.next(SetLabels)
        assert command.add == (("late", "odd") if free else ("late",))
        assert command.remove == ("spam",)


async def test_one_that_is_not_allowed_is_refused_beside_the_field(slack: World) -> None:
    slack.bridge.answer = lambda _: Rejected("unknown_label\nod, x\nodd")
    view = await form(slack)
    told = await slack.ana.submit(view["id"], {"labels": ["vip", "spam"], "arg": "od x"})
    why = "This desk has no such label: od, x. Did you mean odd?"
    assert told["errors"] == {"arg": why}
    assert replies.refusal("unknown_label\nod") == "This desk has no such label: od."


async def test_the_word_alone_shows_those_there_are_and_the_way_to_the_form(slack: World) -> None:
    await slack.opened(TAGGED)
    seen = await typed(slack, "/desk label 42")
    assert "Labels of #42, Sam Rivera: vip spam" in shown_in(seen)
    await slack.ana.click("label", channel=seed.GENERAL, ts=seen["ts"])
    await modal(slack.ana, "Labels")


def shown_in(message: dict[str, Any]) -> str:
    return "".join(labelling_words(message["blocks"]))


def labelling_words(node: Any) -> list[str]:
    if isinstance(node, list):
        return [each for part in node for each in labelling_words(part)]
    if isinstance(node, dict):
        text = node.get("text")
        return [text] if isinstance(text, str) else labelling_words(list(node.values()))
    return []


def test_the_page_names_all_and_offers_nothing_after_the_end() -> None:
    body = labelling.page(Labels(("refund", "vip"), free=False), of_view(ended()))
    assert "none" in shown(body)
    assert "There are refund, vip" in shown(body)
    assert not [block for block in body.blocks if block["type"] == "actions"]
    assert "There are" not in shown(labelling.page(ANY, of_view(TAGGED)))


def test_without_names_they_are_typed_and_of_hundreds_the_menu_still_finds_each() -> None:
    bare = of_view(assigned())
    assert list(fields(labelling.form(ANY, bare))) == ["arg"]
    many = Labels(tuple(f"l{n}" for n in range(250)), free=False)
    groups = fields(labelling.form(many, bare))["labels"]["option_groups"]
    assert [len(group["options"]) for group in groups] == [100, 100, 50]
    assert groups[0]["label"]["text"] == "l0 to l99"


WORDS = st.lists(st.from_regex(r"[a-z#😀]{0,3}[a-z]", fullmatch=True).map(
    lambda word: word.lstrip("#")), max_size=6, unique=True)  # fmt: skip


@given(WORDS, WORDS, WORDS)
def test_what_is_chosen_is_what_is_on_it_afterwards(
    had: list[str], chosen: list[str], others: list[str]
) -> None:
    text = labelling.typed(" ".join(had), " ".join(chosen), ", ".join(others))
    read = arguments.labels(text)
    if read is None:
        assert (text, set(had), others) == ("", set(chosen), [])
        return
    add, remove = read
    assert (set(had) | set(add)) - set(remove) == (set(chosen) | set(others)) - set(remove)
    assert set(remove) == set(had) - set(chosen)


def test_the_form_keeps_within_what_it_can_remember() -> None:
    long = tuple(f"{n:03}{'😀' * 57}" for n in range(60))
    view = replace(TAGGED, handoff=replace(TAGGED.handoff, labels=long))
    made = labelling.form(Labels(long, free=False), of_view(view))
    assert len(made["private_metadata"]) <= 3_000
