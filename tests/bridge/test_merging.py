"""Which messages go with the one before them into one post."""

from __future__ import annotations

import pytest

from bridge.effects import PostMessage
from bridge.merging import MOST, may_lead, together
from bridge.model import (
    DEFAULT_WORKSPACE,
    Attachment,
    Author,
    ConversationId,
    HandoffId,
    Message,
    MessageId,
    Role,
    replace,
)
from bridge.stores import Behind

SAM = Author(Role.USER, "con_1", "Sam")
BOT = Author(Role.BOT, "robo")


def message(text: str, author: Author = SAM) -> Message:
    of = ConversationId("cnv_1")
    return Message(MessageId(f"msg_{text}"), of, DEFAULT_WORKSPACE, 1, 1, author, text)


def behind(*texts: str, joined: int = 0) -> list[tuple[Behind, Message]]:
    """The first `joined` were said to go with the head."""
    return [
        (Behind(n, PostMessage(HandoffId("hnd_1"), message(text).id), n < joined), message(text))
        for n, text in enumerate(texts)
    ]


def went(found: list[tuple[Behind, Message]]) -> list[str]:
    return [message.text for _, message in found]


def test_the_next_words_of_the_same_one_go_along_in_their_order() -> None:
    found = together(message("a"), behind("b", "c"), 100, doubtful=False)
    assert went(found) == ["b", "c"]


def test_no_more_than_there_is_room_for() -> None:
    assert went(together(message("aaaa"), behind("bbb", "c", "d"), 10, doubtful=False)) == [
        "bbb",
        "c",
    ]
    many = behind(*[str(n) for n in range(50)])
    assert len(together(message("a"), many, 10_000, doubtful=False)) == MOST - 1


def test_the_names_of_what_came_with_words_take_room_too() -> None:
    file = Attachment("a" * 6, "image/png", 1, "r")
    [(with_file, said), *rest] = behind("b", "c")
    pairs = [(with_file, replace(said, attachments=(file,))), *rest]
    assert went(together(message("a"), pairs, 9, doubtful=False)) == ["b"]
    assert went(together(message("a"), pairs, 8, doubtful=False)) == []


def test_none_overtakes_one_that_has_no_room() -> None:
    assert went(together(message("a"), behind("b" * 20, "c"), 10, doubtful=False)) == []


def test_another_speaker_or_a_part_of_a_long_text_ends_it() -> None:
    one, two, three = behind("b", "c", "d")
    said = (two[0], message("c", BOT))
    assert went(together(message("a"), [one, said, three], 100, doubtful=False)) == ["b"]
    long = (replace(two[0], effect=replace(two[0].effect, parts=2)), two[1])
    assert went(together(message("a"), [one, long, three], 100, doubtful=False)) == ["b"]


def test_a_doubtful_post_is_repeated_with_exactly_what_went_with_it() -> None:
    found = together(message("a"), behind("b", "c", "d", joined=2), 2, doubtful=True)
    assert went(found) == ["b", "c"]


@pytest.mark.parametrize(
    ("parts", "deleted", "leads"), [(1, False, True), (2, False, False), (1, True, False)]
)
def test_a_part_or_a_deleted_message_leads_nobody(parts: int, deleted: bool, leads: bool) -> None:
    assert may_lead(replace(message("a"), deleted=deleted), parts) is leads
