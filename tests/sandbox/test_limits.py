"""Block Kit's limits: what Slack takes is taken, what it refuses is refused with the place."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.slack.limits import check_blocks, check_view

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def option(value: str = "a", text: str = "A") -> Json:
    return {"text": plain(text), "value": value}


def row(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


def press(**more: Any) -> Json:
    return {"type": "button", "action_id": "a", "text": plain("Go"), **more}


def section(text: str = "x", **more: Any) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


def rich(*parts: Json) -> Json:
    inner = {"type": "rich_text_section", "elements": list(parts)}
    return {"type": "rich_text", "elements": [inner]}


GOOD: list[Json] = [
    section("x" * 3000),
    section("x", fields=[plain("y" * 2000)] * 10),
    {"type": "header", "text": plain("x" * 150)},
    {"type": "divider"},
    {"type": "context", "elements": [plain("x")] * 10},
    row(*[press(action_id=f"a{number}", value="v" * 2000) for number in range(25)]),
    row({"type": "static_select", "action_id": "s", "options": [option()] * 100}),
    row({"type": "overflow", "action_id": "o", "options": [option()] * 5}),
    row({"type": "static_select", "action_id": "s",
         "option_groups": [{"label": plain("G"), "options": [option()]}]}),
    {"type": "image", "image_url": "https://x.example/a.png", "alt_text": "x" * 2000},
    rich({"type": "text", "text": "x"}, {"type": "user", "user_id": "U1"},
         {"type": "emoji", "name": "eyes"}, {"type": "link", "url": "https://x.example"}),
    {"type": "input", "label": plain("L"),
     "element": {"type": "plain_text_input", "action_id": "t", "max_length": 3000}},
    {"type": "table", "rows": [[{"type": "raw_text", "text": "x"}] * 20] * 100},
    section("x", accessory={"type": "users_select", "action_id": "u"}),
]  # fmt: skip

BAD: list[tuple[Json, str]] = [
    (section("x" * 3001), "/blocks/0/text/text"),
    (section(""), "/blocks/0/text/text"),
    ({"type": "section"}, "/blocks/0"),
    (section("x", fields=[plain("y" * 2001)]), "/blocks/0/fields/0/text"),
    (section("x", fields=[plain("y")] * 11), "/blocks/0/fields"),
    ({"type": "header", "text": plain("x" * 151)}, "/blocks/0/text/text"),
    ({"type": "header", "text": {"type": "mrkdwn", "text": "x"}}, "/blocks/0/text/type"),
    ({"type": "context", "elements": [plain("x")] * 11}, "/blocks/0/elements"),
    ({"type": "context", "elements": []}, "/blocks/0/elements"),
    (row(*[press(action_id=f"a{number}") for number in range(26)]), "/blocks/0/elements"),
    (row(press(), press()), "/blocks/0/elements"),
    (row(press(text=plain("x" * 76))), "/blocks/0/elements/0/text/text"),
    (row(press(value="x" * 2001)), "/blocks/0/elements/0/value"),
    (row(press(url="x" * 3001)), "/blocks/0/elements/0/url"),
    (row(press(style="fancy")), "/blocks/0/elements/0/style"),
    (row(press(action_id="x" * 256)), "/blocks/0/elements/0/action_id"),
    (row(press(accessibility_label="x" * 76)), "/blocks/0/elements/0/accessibility_label"),
    (row(press(confirm={"title": plain("x" * 101), "text": plain("x")})),
     "/blocks/0/elements/0/confirm/title/text"),
    (row({"type": "plain_text_input", "action_id": "t"}), "/blocks/0/elements/0/type"),
    (row({"type": "static_select", "action_id": "s", "options": []}),
     "/blocks/0/elements/0/options"),
    (row({"type": "static_select", "action_id": "s", "options": [option()] * 101}),
     "/blocks/0/elements/0/options"),
    (row({"type": "static_select", "action_id": "s", "options": [option("v" * 151)]}),
     "/blocks/0/elements/0/options/0/value"),
    (row({"type": "static_select", "action_id": "s", "options": [option("v", "t" * 76)]}),
     "/blocks/0/elements/0/options/0/text/text"),
    (row({"type": "overflow", "action_id": "o", "options": [option()] * 6}),
     "/blocks/0/elements/0/options"),
    (row({"type": "static_select", "action_id": "s", "options": [option()],
          "placeholder": plain("x" * 151)}), "/blocks/0/elements/0/placeholder/text"),
    ({"type": "image", "image_url": "https://x.example/a.png"}, "/blocks/0/alt_text"),
    ({"type": "image", "alt_text": "x"}, "/blocks/0/image_url"),
    (rich({"type": "text", "text": ""}), "/blocks/0/elements/0/elements/0"),
    (rich({"type": "wobble"}), "/blocks/0/elements/0/elements/0/type"),
    ({"type": "rich_text", "elements": []}, "/blocks/0/elements"),
    ({"type": "input", "label": plain("L"),
      "element": {"type": "plain_text_input", "action_id": "t", "max_length": 3001}},
     "/blocks/0/element/max_length"),
    ({"type": "input", "element": {"type": "plain_text_input", "action_id": "t"}},
     "/blocks/0/label"),
    ({"type": "table", "rows": [[{"type": "raw_text", "text": "x"}] * 21]}, "/blocks/0/rows"),
    ({"type": "table", "rows": [[{"type": "raw_text", "text": "x" * 10_001}]]}, "/blocks/0/rows"),
    ({"type": "markdown", "text": "x" * 12_001}, "/blocks/0/text"),
    ({"type": "hologram"}, "/blocks/0/type"),
    (section("x", block_id="b" * 256), "/blocks/0/block_id"),
    ({"type": "section", "text": {"type": "plain_text", "text": "x", "verbatim": True}},
     "/blocks/0/text"),
]  # fmt: skip


@pytest.mark.parametrize("block", GOOD, ids=lambda block: str(block["type"]))
def test_what_slack_takes_is_taken(block: Json) -> None:
    assert check_blocks([block]) == []


@pytest.mark.parametrize(("block", "place"), BAD)
def test_what_slack_refuses_is_refused_with_its_place(block: Json, place: str) -> None:
    problems = check_blocks([block])
    assert any(f"[json-pointer:{place}" in problem for problem in problems), problems


def test_a_message_has_at_most_fifty_blocks_and_a_view_a_hundred() -> None:
    assert check_blocks([section()] * 50) == []
    assert check_blocks([section()] * 51)
    view = {"type": "home", "blocks": [section()] * 100}
    assert check_view(view, 10) == []
    assert check_view({**view, "blocks": [section()] * 101}, 10)
    assert check_view(view, 250_001)


def test_a_block_id_stands_once() -> None:
    assert check_blocks([section(block_id="b"), section(block_id="b")])


@pytest.mark.parametrize("blocks", [None, "x", [1], {"type": "section"}])
def test_what_is_no_list_of_blocks_is_refused(blocks: object) -> None:
    assert check_blocks(blocks)


@given(st.text(min_size=1, max_size=3000))
def test_any_text_up_to_the_limit_is_good_in_a_rich_text_element(text: str) -> None:
    assert check_blocks([rich({"type": "text", "text": text})]) == []


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["type", "text", "elements", "rows"]), inner)
        ),
        max_leaves=8,
    )
)
def test_no_shape_of_blocks_breaks_the_checks(shape: object) -> None:
    check_blocks(shape)
    for kind in ("section", "actions", "context", "rich_text", "table", "input", "image", "header"):
        inner = shape if isinstance(shape, dict) else {"elements": shape, "text": shape}
        check_blocks([{**inner, "type": kind}])
