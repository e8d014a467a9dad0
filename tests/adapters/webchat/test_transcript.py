"""The transcript that a visitor takes home: what is in it, and that nothing in it runs or loads."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.webchat import transcript
from bridge.errors import BadRequest
from bridge.model import GONE, Attachment, Author, Message, MessageId, Role
from tests.adapters.slack.texts import EVIL, TEXT
from tests.adapters.slack.things import NOW, message
from tests.bridge.running import configured, in_file, running

BERLIN = ZoneInfo("Europe/Berlin")
HOSTILE = (
    EVIL,
    "<img src=x onerror=alert(1)>",
    "![x](https://spy.example/x.png) [x](javascript:alert(1)) <javascript:alert(1)>",
    "[x](data:text/html,<script>1</script>)",
    "**bold** `<b>` \n\n    <script>alert(1)</script>",
)
SAFE = frozenset(
    [
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "header",
        "h1",
        "h2",
        "p",
        "article",
        "bdi",
        "div",
        "b",
        "time",
        "strong",
        "em",
        "s",
        "code",
        "pre",
        "ul",
        "ol",
        "li",
        "blockquote",
        "a",
        "hr",
        "br",
        "h3",
        "h4",
        "h5",
        "h6",
    ]
)


def said(role: Role, text: str, seq: int = 1, **more: Any) -> Message:
    name = {Role.AGENT: "Ana Torres"}.get(role, "")
    author = Author(role, "x", name)
    made = message(text, author=author, sent_at=NOW + seq)
    return replace(made, id=MessageId(f"msg_{seq}"), seq=seq, **more)


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def page(*messages: Message, title: str = "Northwind", locale: str = "en") -> str:
    return transcript.page(messages, title, locale, BERLIN).decode()


def test_it_says_who_said_what_when_in_the_visitors_language_and_zone() -> None:
    shown = page(
        said(Role.USER, "Wo ist 1009?\n<b>"),
        said(Role.BOT, "Moment", 2),
        said(Role.AGENT, "**Montag**\nSicher", 3, edited_at=NOW),
        said(Role.SYSTEM, "Ana ist gegangen", 4),
        title="",
        locale="de-AT",
    )
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", shown.split("</style>")[1]))
    told = [
        *("Unser Gespräch", "Zeitzone: Europe/Berlin", "2025-11-21"),
        *("Sie 05:40 Wo ist 1009? &lt;b&gt;", "Assistent 05:40 Moment"),
        *("Ana Torres 05:40 · bearbeitet Montag Sicher", "Ana ist gegangen 05:40"),
    ]
    assert text.strip() == " ".join(told)
    assert "<strong>Montag</strong><br" in shown
    assert "<b><bdi>Ana Torres</bdi></b>" in shown  # a name turns no words around
    assert 'datetime="2025-11-21T05:40:00+01:00"' in shown


def test_what_came_late_stands_where_people_saw_it_and_files_are_named() -> None:
    file, gone = Attachment("a<.pdf", "x", 1, "fil_1"), Attachment("b.pdf", "x", 1, GONE)
    shown = page(
        said(Role.AGENT, "second", 2, attachments=(file, gone)),
        said(Role.AGENT, "first", 3, before=MessageId("msg_2")),
        said(Role.AGENT, "third", 4, before=MessageId("msg_0")),
    )
    assert re.findall(r"first|second|third|📎 [^<]*", shown) == [
        *("first", "second", "📎 a&lt;.pdf", "third")
    ]


@given(st.sampled_from(Role), TEXT | st.sampled_from(HOSTILE), TEXT, TEXT)
def test_whatever_anybody_wrote_nothing_runs_and_nothing_is_loaded(
    role: Role, text: str, name: str, title: str
) -> None:
    one = replace(said(role, text), author=Author(role, "x", name))
    tags = Tags()
    tags.feed(page(one, title=title))
    assert {tag for tag, _ in tags.found} <= SAFE
    for tag, attributes in tags.found:
        assert not any(key.startswith("on") or key == "src" for key in attributes)
        if tag == "a":
            assert not re.match(r"(?i)\s*(javascript|data|vbscript):", attributes["href"] or "")


@pytest.mark.parametrize("name", ["Mars/Base", "../../etc/passwd", "x" * 300, "\x00"])
def test_a_zone_that_there_is_not_is_named(name: str) -> None:
    with pytest.raises(BadRequest, match="must be a time zone"):
        transcript.zone(name)


async def test_it_holds_what_the_visitor_may_see_and_nothing_else(tmp_path: Path) -> None:
    async with running(configured(in_file(tmp_path), tmp_path)) as desk:
        sam, other = await desk.visitor(locale="fr"), await desk.visitor()
        await sam.say("Bonjour")
        await other.say("A secret of another")
        [handoff] = [
            each["id"]
            for each in (await desk.api("GET", "/handoffs")).json()["handoffs"]
            if each["conversation_id"] == sam.conversation
        ]
        await desk.agent_says(handoff, "!n a note, a secret")
        await desk.agent_says(handoff, "Voilà")
        path = "/webchat/transcript?zone=Asia/Tokyo"
        answer = await sam.client.get(path, headers=sam.headers)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert re.fullmatch(
            r'attachment; filename="chat-\d{4}-\d\d-\d\d\.html"',
            answer.headers["content-disposition"],
        )
        assert "Bonjour" in answer.text
        assert "Voilà" in answer.text
        assert "secret" not in answer.text
        assert "Fuseau horaire\u00a0: Asia/Tokyo" in answer.text
        assert (await sam.client.get(path)).status_code == 401
        wrong = await sam.client.get(f"{path}x", headers=sam.headers)
        assert (wrong.status_code, list(wrong.json()["error"]["fields"])) == (422, ["zone"])
