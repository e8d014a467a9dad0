"""The pure parts of the channel: settings, signatures, plain text, failures, usage, ids."""

from __future__ import annotations

import doctest
import hashlib
import hmac
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.messenger import config, events, failures, ids, shapes, signing, usage
from adapters.messenger.channel import _said_by
from adapters.messenger.failures import GraphError
from adapters.messenger.plain import plain
from adapters.messenger.sending import MAX_TEXT
from adapters.slack import replies
from bridge.commands import UserSaid
from bridge.errors import Broken, DeliveryError, Refused, Retry, Unknown
from bridge.model import SECOND
from bridge.ports import Outgoing
from bridge.settings import Settings
from tests.adapters.messenger.things import outgoing
from tests.bridge.driver import SAM
from tests.bridge.test_ratings import BY_BUTTONS, resolved

PAGE_ENV = {
    "MESSENGER_PAGE_TOKEN": "1=EAAone, 2=EAAtwo",
    "MESSENGER_APP_SECRET": "new,old",
    "MESSENGER_VERIFY_TOKEN": "v",
}


def test_the_examples_in_docstrings_hold() -> None:
    assert doctest.testmod(config).failed == 0


def test_without_a_page_there_is_no_channel() -> None:
    assert config.from_settings(Settings()) is None


def test_settings_name_pages_tokens_and_secrets() -> None:
    made = config.from_settings(Settings.load({**PAGE_ENV, "SECRET_KEY": "k" * 32}))
    assert made is not None
    assert made.tokens_of("1") == ("EAAone",)
    assert made.tokens_of("3") == ()
    assert made.app_secrets == ("new", "old")
    assert made.window == 86_400 * SECOND
    assert not made.has_bot


@pytest.mark.parametrize("missing", ["MESSENGER_APP_SECRET", "MESSENGER_VERIFY_TOKEN"])
def test_what_a_page_needs_is_told_when_it_is_missing(missing: str) -> None:
    env = {name: value for name, value in PAGE_ENV.items() if name != missing}
    assert missing in Settings.examine(env)[1]


def test_a_signature_is_that_of_the_documentation() -> None:
    body = b'{"object":"page","entry":[]}'
    digest = hmac.new(b"secret", body, hashlib.sha256).hexdigest()
    assert signing.signature("secret", body) == f"sha256={digest}"
    assert signing.is_signed(["other", "secret"], body, f"sha256={digest}")
    assert not signing.is_signed(["secret"], body + b" ", f"sha256={digest}")
    assert not signing.is_signed(["secret"], body, digest)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("plain words", "plain words"),
        ("**bold** _soft_ ~~gone~~ `code`", "bold soft gone code"),
        ("line\nline\\\nline", "line\nline\nline"),
        ("one\n\ntwo", "one\n\ntwo"),
        ("# Head\n\nwords", "Head\n\nwords"),
        ("[words](https://a.example) <https://b.example>", "words (https://a.example) https://b.example"),
        ("[a@b.example](mailto:a@b.example)", "a@b.example"),
        ("[words]() ![alt](https://a.example/i.png)", "words alt (https://a.example/i.png)"),
        ("- one\n- two\n  - three", "• one\n• two\n  • three"),
        ("- one\n\n- two", "• one\n\n• two"),
        ("3. three\n4. four", "3. three\n4. four"),
        ("> quoted\n>\n> more", "> quoted\n>\n> more"),
        ("```py\nx = 1\n\ny\n```", "x = 1\n\ny"),
        ("a\n\n---\n\nb", "a\n\n———\n\nb"),
        ("2 \\* 3 &amp; <b>x</b>", "2 * 3 & <b>x</b>"),
        ("-", "•"),
        ("", ""),
    ],
)  # fmt: skip
def test_commonmark_becomes_plain_text(text: str, wanted: str) -> None:
    assert plain(text).rstrip() == wanted


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="*_[]()`~>#- ab\n1.<&é🎉", max_size=60), st.booleans())
def test_a_part_that_fits_still_fits_as_it_is_sent(text: str, prefix: bool) -> None:
    part = (text * 40 or "x")[:MAX_TEXT]
    assert len(shapes.text_of(outgoing(part), prefix=prefix)) < 2_000


def test_what_grows_too_long_keeps_its_marks() -> None:
    tersely = ">a\n" * (MAX_TEXT // 3)
    assert shapes.text_of(outgoing(tersely), prefix=False) == tersely


@pytest.mark.parametrize(
    ("told", "error"),
    [
        (GraphError(400, 10, 2018278), Refused("window_closed")),
        (GraphError(400, 10, 2018108), Refused("blocked")),
        (GraphError(400, 551), Refused("blocked")),
        (GraphError(400, 200, 1545041), Refused("blocked")),
        (GraphError(400, 613, 2018338), Refused("tag_abused")),
        (GraphError(400, 613, 2534040), Retry("rate_limited", 60, counts=False)),
        (GraphError(400, 32), Retry("rate_limited", 60, counts=False)),
        (GraphError(400, 80006), Retry("rate_limited", 60, counts=False)),
        (GraphError(403, 10, 1404170), Broken("page_restricted")),
        (GraphError(400, 2022), Broken("page_restricted")),
        (GraphError(403, 10), Broken("no_permission")),
        (GraphError(401, 190, 460), Broken("token_refused")),
        (GraphError(401), Broken("token_refused")),
        (GraphError(400, 100, 2018001), Refused("user_gone")),
        (GraphError(400, 100, 33), Refused("user_gone")),
        (GraphError(400, 100, 2018074), Refused("bad_attachment")),
        (GraphError(400, 100), Refused("bad_message")),
        (GraphError(400, 2018300), Refused("other_app_in_control")),
        (GraphError(400, 100, 2534037), Refused("other_app_in_control")),
        (GraphError(500, 1), Retry("meta_1")),
        (GraphError(400, 99, 0, True), Retry("meta_99")),
        (GraphError(400, 99, 7), Refused("meta_99_7")),
        (GraphError(400, 99), Refused("meta_99")),
        (GraphError(502), Unknown("http_502")),
        (GraphError(200), Unknown("http_200")),
        (GraphError(404), Retry("http_404")),
    ],
)
def test_every_error_has_its_remedy(told: GraphError, error: DeliveryError) -> None:
    found = failures.of_answer(told, repeatable=False)
    assert (type(found), found.reason) == (type(error), error.reason)
    if isinstance(found, Retry) and isinstance(error, Retry):
        assert (found.after, found.counts) == (error.after, error.counts)


def test_what_may_be_done_twice_is_done_again() -> None:
    found = failures.of_answer(GraphError(502), repeatable=True)
    assert (type(found), found.reason) == (Retry, "http_502")


def test_the_desk_has_words_for_every_final_reason() -> None:
    said = {*failures.SUBCODES.values(), failures.BAD_MESSAGE} - {"no_profile"}
    said |= {"human_agent_not_granted", "window_closed_for_agents"}
    said |= {"page_restricted", "no_permission", "token_refused"}
    assert said <= set(replies.FAILURES)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 0),
        ({"x-app-usage": "no JSON"}, 0),
        ({"x-app-usage": "[1]"}, 0),
        ({"x-app-usage": '{"call_count": 50}'}, 0),
        ({"x-app-usage": '{"call_count": 91}'}, 1),
        ({"x-app-usage": '{"call_count": 100}'}, 60),
        ({"x-page-usage": '{"call_count": true, "total_time": "90"}'}, 0),
        ({"x-business-use-case-usage": '{"1": [{"total_time": 99}, 7], "2": 3}'}, 1),
        ({"x-business-use-case-usage": '{"1": [{"estimated_time_to_regain_access": 5}]}'}, 300),
        ({"x-business-use-case-usage": '{"1": [{"estimated_time_to_regain_access": 999}]}'}, 3_600),
    ],
)
def test_usage_headers_say_how_long_to_wait(headers: dict[str, str], seconds: float) -> None:
    assert usage.wait(headers) == seconds


def test_what_comes_back_in_an_echo_names_our_message() -> None:
    message = "msg_" + "0a" * 12
    assert ids.our_part(f"{message}/12") == (message, 12)
    for foreign in ("", message, f"{message}/", f"{message}/x", "msg_1/0", f"{message}/0 "):
        assert ids.our_part(foreign) is None


def test_times_of_the_pages_own_record_are_read_or_left_out() -> None:
    def listed(at: Any) -> Any:
        message = {"id": "m_1", "message": " Hi ", "created_time": at, "from": {"id": "7"}}
        return {"data": [{"messages": {"data": [message, 3]}}, {"messages": 4}, 5]}

    found = _said_by("7", listed("2026-11-21T09:54:44+0000"))
    assert found == [("m_1", ("Hi", ""), 1_795_254_885 * SECOND)]
    for odd in ("", None, "2026-11-21T09:54:44", 7):
        assert _said_by("7", listed(odd)) == []
    assert _said_by("8", listed("2026-11-21T09:54:44+0000")) == []


def test_a_rating_is_offered_and_pressed_as_quick_replies() -> None:
    """What the desk puts on its question comes back as what it reads."""
    world = resolved(BY_BUTTONS)
    asked = world.in_order()[-1]
    replies_ = shapes.replies_to(world.conversation, Outgoing(asked, asked.text, 0, 1), "en")
    assert [each["title"] for each in replies_][::4] == ["★★★★★ Great", "★ Terrible"]
    reply = {"payload": replies_[0]["payload"]}
    pressed: Any = {"mid": "m1", "text": "★★★★★ Great", "quick_reply": reply}
    event = {"sender": {"id": "2"}, "recipient": {"id": "1"}, "message": pressed}
    [said] = events.read({"object": "page", "entry": [{"id": "1", "messaging": [event]}]})
    assert isinstance(said, events.Said)
    world.do(UserSaid(world.key(), world.tick(), SAM, said.text, said.payload))
    assert world.handoff.rating.score == 5
