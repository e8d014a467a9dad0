"""Everything that the desk shows: within Slack's limits whatever people are called and write."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.slack import forms, lines, menus, pages, pickers, posts, stats
from adapters.slack.blocks import Body, units
from adapters.slack.card import card
from adapters.slack.pickers import Choice
from adapters.slack.targets import Target, of_view
from adapters.slack.verbs import TABLE, About, Verb
from bridge.effects import Line
from bridge.model import (
    SECOND,
    Agent,
    AgentId,
    Attachment,
    Author,
    Awaiting,
    Button,
    ConversationId,
    HandoffId,
    Message,
    Priority,
    Role,
    Standing,
    Status,
    Visibility,
)
from bridge.reports import Period
from bridge.scores import NO_RATING, Rating
from bridge.views import CustomerPost, Figures, LinePost, PreviewPost, View
from tests.adapters.slack.checks import buttons, check, nodes, shown
from tests.adapters.slack.texts import EVIL, LONG, TEXT
from tests.adapters.slack.things import (
    ANA,
    BEN,
    NOW,
    assigned,
    contact,
    conversation,
    ended,
    held,
    message,
    post,
    view,
)
from tests.past import One, report

ME = Agent(AgentId(ANA), "Ana Torres")
RATED = Rating("How was it?", 9, 4, "Quick, <!here> and *kind*")
MICROS = st.integers(0, 4_000_000_000 * SECOND)


NOTE = message(
    "he is angry", author=Author(Role.AGENT, ANA, "Ana Torres"), visibility=Visibility.INTERNAL
)


@st.composite
def views(draw: st.DrawFn) -> View:
    shown_ = view()
    handoff = replace(
        shown_.handoff,
        status=draw(st.sampled_from(Status)),
        number=draw(st.integers(0, 10**9)),
        title=draw(TEXT),
        description=draw(TEXT | LONG),
        summary=draw(TEXT),
        reason=draw(st.sampled_from(["", "no_bot", "user_request", "other"])),
        labels=tuple(draw(st.lists(TEXT, max_size=3))),
        priority=draw(st.sampled_from(Priority)),
        queue=draw(TEXT),
        assignee=AgentId(draw(st.sampled_from(["", ANA]))),
        assignee_name=draw(TEXT),
        opened_at=draw(MICROS),
        closed_at=draw(MICROS),
        closed_by=draw(TEXT),
        outcome=draw(TEXT | LONG),
        snoozed_until=draw(MICROS),
        rating=Rating("How?", 1, draw(st.integers(0, 5)), draw(TEXT | LONG)),
    )
    talk = conversation(
        awaiting=draw(st.sampled_from(Awaiting)),
        awaiting_since=draw(MICROS),
        locale=draw(st.sampled_from(["", "fr", "pt-BR", EVIL])),
        page_url=draw(st.sampled_from(["", "https://x.io/a?b", "x" * 3_000, EVIL])),
        channel=draw(TEXT),
    )
    person = contact(
        name=draw(TEXT),
        avatar_url=draw(st.sampled_from(["", "https://cdn.acme.io/a.png", "http://x", EVIL])),
        attributes={draw(TEXT): draw(TEXT | st.integers(-(2**63), 2**64 - 1))},
    )
    return View(handoff, talk, person, draw(st.booleans()), draw(st.integers(0, 200)))


@st.composite
def messages(draw: st.DrawFn) -> Message:
    author = Author(draw(st.sampled_from(Role)), BEN, draw(TEXT), draw(st.just("") | TEXT))
    return message(
        draw(TEXT | LONG),
        author=author,
        deleted=draw(st.booleans()),
        held_for=draw(st.sampled_from(["", "foreign", "files", "new_reason"])),
        buttons=tuple(Button(text) for text in draw(st.lists(TEXT, max_size=2))),
        attachments=tuple(Attachment(t, "x", 1, "r") for t in draw(st.lists(TEXT, max_size=2))),
        sent_at=draw(MICROS),
    )


# --- all of it -----------------------------------------------------------------------------------


@given(views(), st.booleans())
def test_every_card_fits_and_mentions_nobody(shown_: View, private: bool) -> None:
    check(card(shown_, "eff_1", private=private))
    check(card(shown_, private=private))


@given(views(), messages(), st.booleans(), TEXT)
def test_every_post_fits_and_mentions_nobody(
    shown_: View, said: Message, private: bool, text: str
) -> None:
    check(posts.said(shown_, CustomerPost(said, text[:2_900]), "eff_1", private=private))


@given(views(), st.lists(messages(), max_size=11), st.integers(0, 500))
def test_every_preview_fits_and_mentions_nobody(
    shown_: View, said: list[Message], more: int
) -> None:
    check(posts.preview(shown_, PreviewPost(tuple(said), more), "eff_1"))


CALLING = (Line.STILL_HELD, Line.WAITING, Line.UNANSWERED, Line.MOVED, Line.GOAL, Line.WINDOW)
POSTS = st.builds(
    LinePost,
    st.sampled_from(Line),
    st.none() | messages(),
    who=st.sampled_from(["", ANA, "S06ORDERS01", "@here", EVIL]),
    name=TEXT,
    detail=st.sampled_from(
        [
            *("", "self", "foreign", "not_a_member", "cannot_edit", "12", "resolved", "lead"),
            *("leak:iban,foreign", "window_closed", "file:0+7:odd", "fetch:odd", EVIL),
        ]
    ),
)


@given(views(), POSTS)
def test_every_line_fits_and_mentions_at_most_whom_it_means(shown_: View, said: LinePost) -> None:
    body = lines.line(shown_, said, "eff_1")
    given_ = said.line in (Line.ASSIGNED, Line.TRANSFERRED) and said.who == ANA
    calls = said.line in CALLING and said.who not in ("", EVIL)
    check(body, mentions=1 if calls or (given_ and said.detail != "self") else 0)


PICKED = [verb for verb in TABLE if verb.about is not About.DESK]


@given(st.lists(views(), max_size=5), st.sampled_from(PICKED), TEXT)
def test_every_list_fits_and_mentions_nobody(shown_: list[View], verb: Verb, args: str) -> None:
    distinct = [
        replace(each, handoff=replace(each.handoff, id=HandoffId(f"hnd_{n}")))
        for n, each in enumerate(shown_ * 4)
    ]
    assumed = args if pickers.fits(Choice(verb.name, "x" * 40, args)) else ""
    targets = [of_view(each) for each in distinct]
    check(pickers.which(verb, targets, assumed))
    links = {str(each.handoff.id): "https://acme.slack.com/archives/C1/p1" for each in distinct[:1]}
    check(pickers.lines("Waiting", distinct, links, "Nobody is waiting."))
    talks = [
        (replace(each.conversation, id=ConversationId(f"c{n}")), each.contact)
        for n, each in enumerate(shown_ * 4)
    ]
    check(pickers.which(verb, [Target(*each) for each in talks], assumed))


@given(views(), st.lists(messages(), max_size=20), st.booleans())
def test_every_page_about_somebody_fits(shown_: View, said: list[Message], older: bool) -> None:
    for target in (of_view(shown_), Target(shown_.conversation, shown_.contact)):
        check(pages.profile(target))
        check(pages.delete(target))
        check(menus.menu(target, ME))
        check(pages.history(target, said, older=older))


def opened_at(hour: int, queue: str, **more: Any) -> One:
    times = {"assigned_at": 0, "first_reply_at": 0, "closed_at": 0, "labels": (), "score": 0}
    who = {"agent": "", "agent_name": "", "channel": "webchat", "asked": False}
    given = {"opened_at": hour * 3_600 * SECOND, "status": "queued", "queue": queue}
    return One(**{**given, **who, **times, **more})


def test_the_days_figures_have_the_mean_of_what_customers_said() -> None:
    rated = replace(Figures(1, 2, 3, 4, None), rating=4.66, rated=9)
    nothing = report([], {}, Period(0, 1, UTC))
    assert shown(stats.stats(rated, rated, nothing, "UTC")).count(" · ★ 4.7 (9)") == 2


def test_the_days_figures_of_all_are_for_who_may_see_what_others_do() -> None:
    told = shown(stats.stats(Figures(1, 2, 3, 4), Figures(5, 6, 7, 8), None, "UTC"))
    assert "Yours: 6 open · 8 resolved · first reply none yet" in told
    assert "Today:" not in told


def test_the_day_is_drawn_by_hour_and_by_queue() -> None:
    answered = {"assigned_at": 9 * 3_600 * SECOND + 60 * SECOND, "agent": "U1"}
    rows = [opened_at(9, "orders", **answered)] * 7 + [opened_at(8, "returns"), opened_at(9, "vip")]
    rows.append(opened_at(9, "orders", **answered, id="late"))
    made = report(rows, {"late": frozenset({"resolution"})}, Period(0, 86_400 * SECOND, UTC))
    told = stats.stats(Figures(2, 9, 10, 0), Figures(0, 0, 0, 0), made, "UTC")
    assert "Of today's: waited 1 min, p90 1 min · 1 missed a goal" in shown(told)
    [drawn] = [part["elements"][0]["text"] for part in preformatted(told)]
    assert drawn.split("\n") == [
        "by hour ········▁█··············",
        "        0     6     12    18",
        "orders  ██████████████ 8",
        "returns ██ 1",
        "vip     ██ 1",
    ]


def preformatted(body: Body) -> list[Any]:
    parts = [part for block in body.blocks for part in block["elements"]]
    return [part for part in parts if part["type"] == "rich_text_preformatted"]


# --- how things look -----------------------------------------------------------------------------


def test_a_waiting_card_says_who_waits_for_what_since_when() -> None:
    body = card(view(earlier=1))
    assert body.text == "Waiting: Sam Rivera, My parcel never arrived (#42)"
    words_ = shown(body)
    assert words_.startswith("Sam Rivera · My parcel never arrived #42")
    assert "Ordered two weeks ago, order 1009." in words_
    assert "Waiting since <!date^1763700000^{time}|04:40 UTC>" in words_
    assert "webchat · English" in words_
    assert "Pro · on /checkout · asked for a human · 2nd contact" in words_
    assert list(buttons(body)) == ["assign_me", "assign"]
    assert buttons(body)["assign_me"]["style"] == "primary"
    assert buttons(body)["assign_me"]["accessibility_label"] == "Assign #42 Sam Rivera to me"
    assert chosen(body) == [
        "take", "transfer", "resolve", "reject", "snooze", "note", "say", "ask", "undo", "priority",
        "label", "block", "delete", "profile", "history",
    ]  # fmt: skip


def test_an_assigned_card_says_who_has_it_and_who_waits() -> None:
    waiting = shown(card(assigned()))
    assert "Ana Torres · customer waiting since" in waiting
    assert "Replies here go to Sam · !n note" in waiting
    notes_first = shown(card(assigned(), notes_first=True))
    assert "!r text goes to Sam · all else stays here" in notes_first
    answered = shown(card(assigned(conversation={"awaiting": Awaiting.CUSTOMER})))
    assert "Ana Torres · answered" in answered
    in_queue = shown(card(view(conversation={"awaiting": Awaiting.CUSTOMER})))
    assert "Waiting · answered" in in_queue  # it was given back, and nobody waits for words
    assert list(buttons(card(assigned()))) == ["resolve", "note"]
    assert "note" not in chosen(card(assigned()))
    assert {"resolve", "assign", "release"} <= set(chosen(card(assigned())))


def test_who_has_it_is_not_offered_to_take_it_over() -> None:
    snoozed = assigned(handoff={"status": Status.SNOOZED})
    for shown_, by, offered in (
        (assigned(), ME, False),
        (assigned(), Agent(AgentId(BEN), "Ben"), True),
        (snoozed, ME, True),
        (view(), ME, True),
        (ended(), ME, True),
    ):
        assert ("take" in buttons(menus.menu(of_view(shown_), by))) is offered


@pytest.mark.parametrize(
    ("hours", "words_"),
    [
        (22, "answer until <!date^1763779200^{date_short_pretty} {time}|22 Nov 02:40 UTC>"),
        (2, "*closes <!date^1763707200^{time}|06:40 UTC>*"),
        (0, "*too late to answer until they write again*"),
    ],
)
def test_a_card_says_until_when_its_channel_takes_answers(hours: int, words_: str) -> None:
    until = NOW + hours * 3_600 * SECOND
    assert words_ in shown(card(replace(view(), answer_until=until), now=NOW))
    assert "answer" not in shown(card(view(), now=NOW))


def test_a_snoozed_card_says_until_when() -> None:
    body = card(assigned(handoff={"status": Status.SNOOZED, "snoozed_until": NOW}))
    assert "Snoozed until <!date^1763700000^{date_short_pretty} {time}" in shown(body)
    assert list(buttons(body)) == ["wake", "resolve", "note"]


def test_a_card_that_may_still_be_taken_back_offers_only_that() -> None:
    body = card(assigned(handoff={"ends_at": NOW, "closed_by": "Ana"}))
    assert body.text.startswith("Resolving: Sam Rivera")
    assert "Resolved by Ana, unless somebody undoes it now" in shown(body)
    assert [each["text"]["text"] for each in buttons(body).values()] == ["Undo"]
    assert chosen(body) == []


def test_a_card_that_is_drawn_again_has_other_block_ids() -> None:
    ids = {block["block_id"] for block in card(assigned()).blocks}
    again = {block["block_id"] for block in card(assigned(), again="1.2").blocks}
    assert ids & again == set()


def chosen(body: Body) -> list[str]:
    """The verbs of *More…*."""
    return [
        menus.read_more(option["value"])[0]
        for node in nodes(body.blocks)
        if node.get("type") == "static_select"
        for group in node["option_groups"]
        for option in group["options"]
    ]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, "Resolved by Ana Torres · 12 min · refund"),
        ({"status": Status.CANCELLED, "outcome": "user_left"}, "Left by the customer · 12 min"),
        ({"status": Status.EXPIRED, "outcome": "x"}, "Nobody took it in time · 12 min"),
        ({"status": Status.REJECTED, "outcome": ""}, "Rejected by Ana Torres · 12 min"),
        ({"rating": RATED}, "Resolved by Ana Torres · 12 min · ★★★★☆ · refund"),
    ],
)
def test_an_ended_card_is_two_blocks_without_buttons(fields: Any, expected: str) -> None:
    body = card(ended(handoff=fields))
    assert len(body.blocks) == 2
    assert buttons(body) == {}
    assert shown(body).endswith(expected)


def test_a_long_trouble_is_quoted_in_part_and_whole_in_the_preview() -> None:
    trouble = "It never came. " * 60
    shown_ = view(handoff={"description": trouble})
    assert "whole text in the thread" in shown(card(shown_))
    whole = shown(posts.preview(shown_, PreviewPost((message(),)), "eff_1"))
    assert trouble.strip() in whole


def test_private_notifications_carry_no_words() -> None:
    for handoff in ({}, {"status": Status.RESOLVED, "closed_by": "Ana"}, {"number": 0}):
        body = card(view(handoff=handoff), "eff_1", private=True)
        alerted = f"{body.text} {body.plain} {body.blocks[0]}"
        assert body.blocks[0]["block_id"] == "eff_1"
        assert "Sam" not in alerted
        assert view().handoff.title not in alerted
        assert view().handoff.title in str(body.blocks[1])
    assert card(view(), private=True).text == "Waiting: #42"
    before = posts.preview(view(), PreviewPost((message("my secret"),)), "eff_1", private=True)
    assert "my secret" not in f"{before.text} {before.blocks[0]}"
    assert before.blocks[0]["block_id"] == "eff_1"
    assert "my secret" in shown(before)
    said = posts.said(view(), post("my secret"), "eff_1", private=True)
    assert said.text == "Sam wrote"
    assert "my secret" not in str(said.blocks[0])
    assert "my secret" in shown(said)


def test_each_refresh_has_new_block_ids() -> None:
    one, two = card(view()), card(view(handoff={"version": 2}))
    ids = [{block["block_id"] for block in body.blocks} for body in (one, two)]
    assert not ids[0] & ids[1]
    answered = card(view(conversation={"awaiting_since": NOW + SECOND}))
    assert not ids[0] & {block["block_id"] for block in answered.blocks}


def test_a_bots_words_come_under_its_name_with_their_marks() -> None:
    author = Author(Role.BOT, "default", "Nora")
    said = message(author=author, buttons=(Button("Yes"), Button("No")))
    text = "**Order 1009** is [here](https://x.io/1009)"
    body = posts.said(view(), CustomerPost(said, text), "eff_1")
    assert body.sender is not None
    assert body.sender.name == "Nora · bot"
    kinds = [each["type"] for each in body.blocks[0]["elements"][0]["elements"]]
    assert kinds == ["text", "text", "link", "text"]
    assert shown(body).endswith("[ Yes ] [ No ]")


def test_what_colleagues_said_elsewhere_stands_there_in_their_name_and_a_note_under_its_lock() -> (
    None
):
    body = posts.said(view(), CustomerPost(NOTE, "he is **angry**"), "eff_1")
    assert (shown(body), body.sender) == ("🔒 Ana Torres\nhe is angry", None)
    desk = message(author=Author(Role.AGENT, ANA, "Our team"))
    body = posts.said(view(), CustomerPost(desk, "Closed"), "eff_1")
    assert (shown(body), body.sender) == ("Our team\nClosed", None)
    again = posts.said(view(), CustomerPost(NOTE, "and loud", 1, 2), "eff_2")
    assert shown(again) == "and loud"


def test_a_note_that_slack_did_not_take_is_told_as_one() -> None:
    failed = LinePost(Line.FAILED, NOTE, detail="invalid_blocks")
    body = lines.line(assigned(), failed, "eff_1")
    said = "⚠️ The note “he is angry” is missing here: Slack did not take it (invalid_blocks)."
    assert body.text == said
    assert buttons(body)["send_again"]["accessibility_label"] == "Show it here again"


def test_only_the_last_part_tells_what_came_with_it() -> None:
    said = message(attachments=(Attachment("photo.jpg", "image/jpeg", 1, "r"),))
    first = posts.said(view(), CustomerPost(said, "a", 0, 2), "eff_1")
    last = posts.said(view(), CustomerPost(said, "b", 1, 2), "eff_2")
    assert (shown(first), shown(last)) == ("a", "b\n📎 photo.jpg")


def test_the_preview_is_one_line_each_and_says_what_it_leaves_out() -> None:
    agent = Author(Role.AGENT, ANA, "Ana Torres")
    said = (message("Hi"), message("x" * 20_000, author=agent), message("gone", deleted=True))
    body = posts.preview(view(), PreviewPost(said, more=4), "eff_1")
    text = shown(body)
    assert text.startswith("Before the handoff (the last 3)\nSam Rivera 04:40 UTC  Hi\nAna Torres ")
    assert "more characters)" in text
    assert text.endswith("(removed)")


def test_the_preview_names_what_came_with_a_message_and_leaves_none_of_it_out() -> None:
    said = message("These are torn", attachments=(Attachment("boots.png", "image/png", 1, "r"),))
    text = shown(posts.preview(view(), PreviewPost((said,)), "eff_1"))
    assert text.endswith("These are torn 📎 boots.png")


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (
            "file:0:file_gone",
            "a.png is missing here, which Sam sent: the file is not kept any more",
        ),
        (
            "file:0+1:odd",
            "a.png, b.pdf is missing here, which Sam sent: Slack did not take it (odd)",
        ),
        ("fetch:odd", "a.png, b.pdf is missing here, which Sam sent: the channel did not give it"),
    ],
)
def test_a_file_of_a_customers_that_is_missing_is_named_with_the_reason(
    code: str, told: str
) -> None:
    files = (Attachment("a.png", "image/png", 1, "r"), Attachment("b.pdf", "x", 1, "r"))
    said = message(attachments=files)
    body = lines.line(view(), LinePost(Line.FAILED, said, detail=code), "eff_1")
    assert told in shown(body)
    assert "send_again" in str(body.blocks)


@pytest.mark.parametrize(
    ("reason", "sentence", "actions"),
    [
        ("unknown_command", "it begins like a command", ["send_held", "keep_as_note"]),
        (
            "foreign",
            "Ana Torres has",
            ["send_held", "take_over_and_send", "join_and_send", "keep_as_note"],
        ),
        ("window_closed", "takes no answers", ["keep_as_note"]),
        ("correction", "it replaces what Sam has", ["send_held", "keep_as_note"]),
        ("mention", "names a colleague", ["send_held", "keep_as_note"]),
        ("files", "files cannot be sent", ["send_held", "keep_as_note"]),
        ("not_a_member", "Ben Okafor is not a member", ["send_held", "keep_as_note"]),
        ("membership_unknown", "Slack did not say", ["send_held", "keep_as_note"]),
        ("brand_new", "of a rule (brand_new)", ["send_held", "keep_as_note"]),
    ],
)
def test_a_held_line_says_why_and_what_can_be_done(
    reason: str, sentence: str, actions: list[str]
) -> None:
    said = LinePost(Line.HELD, held(reason), BEN, "Ben Okafor", reason)
    body = lines.line(assigned(), said, "eff_1")
    assert shown(body).startswith("✋ “see you at nine” was not sent to Sam: ")
    assert sentence in shown(body)
    assert list(buttons(body)) == actions
    assert all(each["value"] == "msg_1" for each in buttons(body).values())


@pytest.mark.parametrize("reason", ["ended", "bot_in_charge"])
def test_after_the_end_a_held_message_reopens(reason: str) -> None:
    body = lines.line(ended(), LinePost(Line.HELD, held(reason), BEN, "Ben", reason), "eff_1")
    assert buttons(body)["send_held"]["text"]["text"] == "Reopen and send"


@pytest.mark.parametrize("reason", ["files", "no_words"])
def test_what_has_no_words_can_only_be_kept(reason: str) -> None:
    said = LinePost(Line.HELD, held(reason, ""), BEN, "Ben", reason)
    assert list(buttons(lines.line(assigned(), said, "eff_1"))) == ["keep_as_note"]


NOT_MAILED = "⚠️ Sam has left the chat, and no e-mail went to s…@x.example: "


@pytest.mark.parametrize(
    ("line", "fields", "expected"),
    [
        (Line.ASSIGNED, {"who": ANA, "name": "Ana", "detail": "self"}, "Ana has it"),
        (Line.TRANSFERRED, {"who": ANA, "name": "Ana", "detail": "self"}, "Ana has it now"),
        (Line.RELEASED, {"who": ANA, "name": "Ana"}, "Ana gave it back: it waits for somebody"),
        (Line.RELEASED, {"who": ANA, "name": "Ana", "detail": "orders"},
         "Ana gave it to orders: it waits for somebody"),
        (Line.RELEASED, {"name": "Ana", "message": NOTE},
         "Ana gave it back: it waits for somebody\n🔒 he is angry"),
        (Line.REOPENED, {"name": "Ana", "detail": "agent"}, "Reopened by Ana"),
        (Line.PAUSED, {"name": "Ana"}, "Ana paused the bot for Sam"),
        (Line.RESUMED, {"name": "Ana"}, "Ana resumed the bot for Sam"),
        (Line.REFUSED, {"name": "Ana", "detail": "not_in_the_future"},
         "⚠️ Ana: That time has passed already."),
        (Line.CORRECTION, {"who": ANA, "detail": "cannot_edit"},
         "⚠️ Sam still sees the message as it was first sent: that channel cannot change it."),
        (Line.SNOOZED, {"name": "Ana", "detail": str(NOW)},
         "Ana snoozed it until 21 Nov 04:40 UTC"),
        (Line.WOKEN, {"detail": "user"}, "Awake again: Sam wrote"),
        (Line.WOKEN, {"who": ANA, "detail": "time"}, " Awake again: its time is over"),
        (Line.GOAL, {"who": ANA, "name": "Ana"}, " resolve soon: open since 04:40 UTC"),
        (Line.GOAL, {"name": "Ana", "detail": "missed"},
         "Ana not resolved in time: open since 04:40 UTC"),
        (Line.WINDOW, {"detail": str(NOW)},
         "⏳ Webchat takes no answers to Sam after 04:40 UTC, until Sam writes again"),
        (Line.MAILED, {"name": "s…@x.example"},
         "✉️ Sent by e-mail to s…@x.example: Sam has left the chat"),
        (Line.NOT_MAILED, {"name": "s…@x.example", "detail": "smtp_550_5.1.1"},
         f"{NOT_MAILED}the mail server refused it (550 5.1.1)"),
        (Line.NOT_MAILED, {"name": "s…@x.example", "detail": "mail_off"},
         f"{NOT_MAILED}e-mail is switched off"),
        (Line.WINDOW, {"who": ANA, "name": "Ana", "detail": ""},
         "⏳  Webchat takes no answers to Sam after 00:00 UTC, until Sam writes again"),
    ],
)  # fmt: skip
def test_other_lines_are_one_sentence(line: Line, fields: Any, expected: str) -> None:
    body = lines.line(assigned(), LinePost(line, **fields), "eff_1")
    assert shown(body) == expected
    assert buttons(body) == {}


def test_what_came_by_e_mail_says_so_above_its_first_words_alone() -> None:
    mailed = message(source="email:1")
    for part, told in ((0, "✉️ by e-mail"), (1, "")):
        body = posts.said(view(), CustomerPost(mailed, mailed.text, part, 2), "eff_1")
        check(body)
        assert told in shown(body)
        assert ("✉️" in shown(body)) == bool(told)


def test_who_was_given_it_is_mentioned() -> None:
    post_ = LinePost(Line.ASSIGNED, who=BEN, name="Ben Okafor", detail="Ana Torres")
    body = lines.line(assigned(), post_, "eff_1")
    check(body, mentions=1)
    assert body.text == f"<@{BEN}> has it, by Ana Torres"
    word = LinePost(Line.TRANSFERRED, NOTE, BEN, "Ben Okafor", "Ana Torres")
    body = lines.line(assigned(), word, "eff_1")
    assert body.text == f"<@{BEN}> has it now, by Ana Torres\n🔒 he is angry"


@pytest.mark.parametrize(
    ("rating", "detail", "expected"),
    [
        (RATED, "score", "★★★★☆ Sam rated the conversation: good\n“Quick, <!here> and *kind*”"),
        (RATED, "comment", "Sam adds to the rating:\n“Quick, <!here> and *kind*”"),
        (Rating("How?", 1, 1), "score", "★☆☆☆☆ Sam rated the conversation: terrible"),
        (NO_RATING, "score", "Sam rated the conversation"),
    ],
)
def test_a_rating_is_a_line_and_its_comment_calls_nobody(
    rating: Rating, detail: str, expected: str
) -> None:
    body = lines.line(ended(handoff={"rating": rating}), LinePost(Line.RATED, detail=detail), "e")
    check(body)
    assert shown(body) == expected
    assert buttons(body) == {}


def test_the_end_line_offers_to_reopen_and_the_failed_one_to_retry() -> None:
    end = lines.line(ended(), LinePost(Line.ENDED, who=ANA, name="Ana", detail="resolved"), "e")
    assert shown(end) == "Resolved by Ana Torres · 12 min · refundReopenTranscript"
    assert buttons(end)["reopen"]["value"] == "hnd_1"
    failed = LinePost(Line.FAILED, held("window_closed"), detail="window_closed")
    body = lines.line(assigned(), failed, "eff_1")
    assert "did not reach Sam: the channel no longer allows an answer." in shown(body)
    assert buttons(body)["send_again"]["value"] == "msg_1"


def test_nobody_is_told_that_what_may_have_arrived_did_not() -> None:
    failed = LinePost(Line.FAILED, held("unknown_outcome"), detail="unknown_outcome")
    body = lines.line(assigned(), failed, "eff_1")
    assert "may or may not have reached Sam: the channel did not answer." in shown(body)
    assert "send_again" in buttons(body)


def test_a_note_made_of_many_emoji_fits_as_slack_counts_them_and_shows_that_it_was_cut() -> None:
    form = forms.note_from("🎉" * 3_000, [view()])
    text = form["blocks"][1]["element"]["initial_value"]
    assert (units(text) <= forms.MAX_INPUT, text[-2:]) == (True, "🎉…")


def test_what_a_customer_said_that_slack_did_not_take_is_told_with_its_first_words() -> None:
    said = message("where is my parcel?", held_for="invalid_blocks")
    body = lines.line(assigned(), LinePost(Line.FAILED, said, detail="invalid_blocks"), "eff_1")
    assert shown(body).startswith("⚠️ Sam wrote “where is my parcel?”, which is missing here: ")
    assert buttons(body)["send_again"]["value"] == "msg_1"
    before = lines.line(assigned(), LinePost(Line.FAILED, detail="msg_too_long"), "eff_2")
    assert "before is missing here: Slack did not take it (msg_too_long)." in shown(before)
    assert buttons(before) == {}


def test_the_end_is_told_even_by_a_view_that_is_a_moment_old() -> None:
    said = LinePost(Line.ENDED, who=ANA, name="Ana", detail="resolved")
    assert shown(lines.line(assigned(), said, "e")) == "Resolved by AnaReopenTranscript"
    expired = LinePost(Line.ENDED, who="", name="", detail="expired")
    assert shown(lines.line(assigned(), expired, "e")).startswith("Nobody took it in time")


def test_what_was_decided_before_the_line_came_offers_nothing_more() -> None:
    sent = replace(held("foreign"), standing=Standing.SENT, held_for="")
    body = lines.line(assigned(), LinePost(Line.HELD, sent, BEN, "Ben", "foreign"), "eff_1")
    assert "Ana Torres has this conversation" in shown(body)
    assert buttons(body) == {}


def test_a_line_about_a_secret_does_not_repeat_it() -> None:
    said = LinePost(Line.HELD, held("leak:password,foreign"), BEN, "Ben Okafor")
    text = shown(lines.line(assigned(), said, "eff_1"))
    assert text.startswith("✋ This message was not sent to Sam: it seems to hold a password, and ")
    assert "nine" not in text


def test_what_colleagues_noted_at_earlier_handoffs_stands_below_what_was_said() -> None:
    noted = replace(
        message("He is <angry>", author=Author(Role.AGENT, BEN, "Ben Okafor")),
        visibility=Visibility.INTERNAL,
    )
    body = posts.preview(view(), PreviewPost((message(),), notes=(noted,)), "eff_1")
    check(body)
    text = shown(body)
    assert text.index("Where is it?") < text.index("Noted at earlier handoffs")
    assert text.index("🔒 Ben Okafor") < text.index("He is <angry>")
    assert "He is &lt;angry&gt;" in body.plain
    moved = posts.preview(view(), PreviewPost((message(),), so_far=True, notes=(noted,)), "eff_1")
    assert text.replace("at earlier handoffs", "so far") in shown(moved).replace(
        "What was said so far", "Before the handoff"
    )
