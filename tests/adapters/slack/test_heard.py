"""Which message events are somebody's words in a thread."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.slack.heard import Changed, Malformed, Place, Removed, Spoken, Stray, read
from bridge.model import Attachment

PLACE = Place("T1", "C1", "1763600000.000100", "1763700000.000200")


def envelope(**fields: Any) -> dict[str, Any]:
    event = {
        "type": "message",
        "channel": "C1",
        "channel_type": "channel",
        "user": "U0ANA",
        "text": "hello",
        "ts": PLACE.ts,
        "thread_ts": PLACE.thread,
        **fields,
    }
    return {"type": "event_callback", "team_id": "T1", "event": event}


def changed(**fields: Any) -> dict[str, Any]:
    message = {
        "user": "U0ANA",
        "text": "hello!",
        "ts": PLACE.ts,
        "thread_ts": PLACE.thread,
        "edited": {"user": "U0ANA", "ts": "1763700009.000000"},
        **fields,
    }
    before = {**message, "text": "hello"}
    return envelope(
        subtype="message_changed", hidden=True, message=message, previous_message=before,
        ts="1763700010.000100", thread_ts=None, user=None,
    )  # fmt: skip


def deleted(**fields: Any) -> dict[str, Any]:
    before = {"user": "U0ANA", "ts": PLACE.ts, "thread_ts": PLACE.thread, **fields}
    return envelope(
        subtype="message_deleted", deleted_ts=PLACE.ts, previous_message=before,
        event_ts="1763700020.000100", thread_ts=None, user=None,
    )  # fmt: skip


@pytest.mark.parametrize("subtype", [None, "file_share", "thread_broadcast", "me_message"])
def test_words_in_a_thread_are_heard(subtype: str | None) -> None:
    gone = {"id": "F2", "mode": "tombstone"}
    one = {"id": "F1", "name": "a.pdf", "mimetype": "application/pdf", "size": 5}
    found = read(envelope(subtype=subtype, files=[one, gone]))
    files = (Attachment("a.pdf", "application/pdf", 5, "slack:F1"),)
    assert found == Spoken(PLACE, "U0ANA", "hello", None, 2, files)


def test_in_a_shared_channel_the_team_is_ours() -> None:
    shared = envelope() | {"authorizations": [{"team_id": "T9"}]}
    found = read(shared)
    assert isinstance(found, Spoken)
    assert found.place.team == "T9"


@pytest.mark.parametrize(
    "fields",
    [
        {"bot_id": "B1"},
        {"user": None},
        {"user": "USLACK"},
        {"user": "USLACKBOT"},
        {"channel_type": "im"},
        {"channel_type": "app_home"},
        {"subtype": "bot_message"},
        {"subtype": "channel_join"},
        {"subtype": "channel_topic"},
        {"subtype": "tombstone"},
        {"subtype": "something_new"},
    ],
)
def test_noise_is_not(fields: dict[str, Any]) -> None:
    assert read(envelope(**fields)) is None


def test_words_outside_threads_are_strays() -> None:
    for thread in (None, "", PLACE.ts):
        found = read(envelope(thread_ts=thread))
        assert found == Stray(PLACE.team, PLACE.channel, "U0ANA", PLACE.ts)
    assert read(envelope(thread_ts=None, bot_id="B1")) is None
    assert read(envelope(thread_ts=None, subtype="channel_join")) is None


def test_a_persons_edit_is_heard() -> None:
    assert read(changed()) == Changed(PLACE, "U0ANA", "hello!", None, "1763700009.000000")


@pytest.mark.parametrize(
    "fields", [{"edited": None}, {"bot_id": "B1"}, {"thread_ts": None}, {"user": None}]
)
def test_previews_and_edits_of_others_are_not(fields: dict[str, Any]) -> None:
    assert read(changed(**fields)) is None


def test_an_edit_that_changes_no_word_is_not() -> None:
    same = changed()
    same["event"]["previous_message"]["text"] = "hello!"
    assert read(same) is None


def test_a_file_that_was_deleted_leaves_a_tombstone_in_its_place() -> None:
    here, gone = {"id": "F1", "name": "a"}, {"id": "F2", "mode": "tombstone"}
    elsewhere = {"id": "F3", "mode": "external"}
    files = [elsewhere, here, gone]
    same = changed(files=files, edited=None)
    same["event"]["previous_message"]["text"] = "hello!"
    assert read(same) == Removed(PLACE, "1763700010.000100", (1,))
    edited = changed(files=files)
    assert isinstance(read(edited), Changed)
    same["event"]["message"]["bot_id"] = "B1"
    assert read(same) is None


def test_a_deletion_is_heard_however_slack_tells_it() -> None:
    gone = Removed(PLACE, "1763700020.000100")
    assert read(deleted()) == gone
    tomb = changed(subtype="tombstone")
    assert read(tomb) == Removed(PLACE, "1763700010.000100")


@pytest.mark.parametrize("fields", [{"bot_id": "B1"}, {"thread_ts": None}, {"thread_ts": PLACE.ts}])
def test_a_deletion_of_our_posts_or_outside_threads_is_not(fields: dict[str, Any]) -> None:
    assert read(deleted(**fields)) is None


@pytest.mark.parametrize(
    "fields",
    [
        {"channel": None},
        {"channel": 5},
        {"ts": None},
        {"ts": "yesterday"},
        {"thread_ts": "x"},
        {"text": 5},
        {"subtype": []},
        {"subtype": "message_changed"},
        {"subtype": "message_deleted"},
    ],
)
def test_what_slack_never_sends_is_malformed(fields: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        read(envelope(**fields))


def test_an_event_of_no_workspace_is_malformed() -> None:
    with pytest.raises(Malformed):
        read({"event": envelope()["event"]})


VALUES = st.recursive(
    st.none() | st.integers() | st.text(max_size=4) | st.just(PLACE.ts),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["ts", "user", "text", "thread_ts", "edited"]), inner)
    ),
    max_leaves=6,
)
NAMES = (
    "channel", "channel_type", "subtype", "user", "text", "ts", "thread_ts", "message",
    "previous_message", "files", "deleted_ts", "bot_id", "event_ts", "blocks",
)  # fmt: skip
SUBTYPES = st.sampled_from(["message_changed", "message_deleted", "file_share"])
FIELDS = st.dictionaries(st.sampled_from(NAMES), VALUES | SUBTYPES)


@given(FIELDS, VALUES)
def test_no_event_breaks_anything(fields: dict[str, Any], authorizations: object) -> None:
    with contextlib.suppress(Malformed):
        read(envelope(**fields) | {"authorizations": authorizations})
