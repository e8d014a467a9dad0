"""What Meta tells, in every shape of its documentation, and in any other."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.messenger.attachments import kept
from adapters.messenger.events import (
    Attached,
    Control,
    Echo,
    Edited,
    Enforced,
    Event,
    Malformed,
    Reacted,
    ReadUpTo,
    Referred,
    Said,
    Where,
    read,
)
from bridge.problems import UNWANTED
from tests.adapters.messenger import anything
from tests.adapters.messenger.things import NOW, PAGE, PSID, event, said, webhook

HERE = Where(PAGE, PSID, NOW)
URL = "https://cdn.example/a/report.pdf?sig=1"

AD = {
    "ref": "summer",
    "source": "ADS",
    "type": "OPEN_THREAD",
    "ad_id": 6045246247433,
    "ads_context_data": {"ad_title": "Boots", "post_id": "1"},
}
BY_AD = {"ref": "summer", "source": "ADS", "ad_id": "6045246247433", "ad_title": "Boots"}
REFERRED = "referral:698ab8975dc2fe4315bfce991765a987"


def one(told: Any, kind: str = "messaging") -> Event | None:
    found = read(webhook(told, kind=kind))
    assert len(found) <= 1
    return found[0] if found else None


def message(**fields: Any) -> Any:
    return event(message={"mid": "m_1", **fields})


def attachment(type: str, payload: Any = None, **beside: Any) -> Any:
    return message(attachments=[{"type": type, "payload": payload, **beside}])


@pytest.mark.parametrize(
    ("told", "wanted"),
    [
        (said("سلام"), Said(HERE, "m_1", "سلام")),
        (
            message(text="Yes", quick_reply={"payload": "YES"}),
            Said(HERE, "m_1", "Yes", "YES"),
        ),
        (
            attachment("file", {"url": URL}),
            Said(HERE, "m_1", "", "", (Attached("file", "report.pdf", URL),)),
        ),
        (
            attachment("image", {"url": URL}),
            Said(HERE, "m_1", "", "", (Attached("image", "image", URL),)),
        ),
        (attachment("fallback", None), Said(HERE, "m_1", "[fallback]")),
        (
            attachment("fallback", None, title="Shoes", url="https://shop.example"),
            Said(HERE, "m_1", "Shoes https://shop.example"),
        ),
        (
            attachment("location", {"coordinates": {"lat": 52.5, "long": 13.25}}),
            Said(HERE, "m_1", "📍 52.5, 13.25"),
        ),
        (attachment("image", {}), Said(HERE, "m_1", "[image]")),
        (message(), None),
        (message(text="gone", is_deleted=True), None),
        (event(message={"text": "without a mid"}), None),
        (
            event(postback={"mid": "m_2", "title": "Start", "payload": "GO"}),
            Said(HERE, "m_2", "Start", "GO"),
        ),
        (event(postback={"mid": "m_2", "payload": "GO"}), Said(HERE, "m_2", "GO", "GO")),
        (event(postback={"mid": "m_2"}), None),
        (
            event(message_edit={"mid": "m_1", "text": "new", "num_edit": 2}),
            Edited(HERE, "m_1", "2", "new"),
        ),
        (event(message_edit={"mid": "m_1", "text": ""}), None),
        (
            event(reaction={"mid": "m_1", "reaction": "love", "emoji": "🎉", "action": "react"}),
            Reacted(HERE, "m_1", "🎉", True),
        ),
        (
            event(reaction={"mid": "m_1", "reaction": "like", "action": "unreact"}),
            Reacted(HERE, "m_1", "👍", False),
        ),
        (event(reaction={"mid": "m_1", "reaction": "other", "action": "react"}), None),
        (event(read={"watermark": NOW // 1_000}), ReadUpTo(HERE, NOW)),
        (event(read={"watermark": "soon"}), None),
        (event(delivery={"mids": ["m_1"], "watermark": 1}), None),
        (
            event(take_thread_control={"new_owner_app_id": 5}),
            Control(HERE, "take_thread_control", "5"),
        ),
        (
            event(request_thread_control={"requested_owner_app_id": "6"}),
            Control(HERE, "request_thread_control", "6"),
        ),
        (
            event(message={"mid": "m_1", "text": "Hi", "referral": AD}),
            Said(HERE, "m_1", "Hi", referral=BY_AD),
        ),
        (
            event(postback={"mid": "m_2", "title": "Start", "payload": "GO", "referral": AD}),
            Said(HERE, "m_2", "Start", "GO", referral=BY_AD),
        ),
        (event(referral=AD), Referred(HERE, REFERRED, BY_AD)),
        (event(postback={"mid": "m_2", "referral": AD}), Referred(HERE, REFERRED, BY_AD)),
        (event(referral={"type": "OPEN_THREAD", "ref": ["no", "text"]}), None),
        (event(optin={"type": "notification_messages"}), None),
        (event(account_linking={"status": "linked"}), None),
        (event(something_new={"a": 1}), None),
        ({"sender": {"user_ref": "u"}, "recipient": {"id": PAGE}, "message": {"mid": "m"}}, None),
        (
            {"recipient": {"id": PAGE}, "timestamp": NOW // 1_000,
             "policy_enforcement": {"action": "block", "reason": "spam"}},
            Enforced(Where(PAGE, "", NOW), "block", "spam"),
        ),
    ],
)  # fmt: skip
def test_every_shape_of_the_documentation_is_read(told: Any, wanted: Event | None) -> None:
    assert one(told) == wanted


def test_an_echo_is_the_pages_own_word() -> None:
    people = {"sender": {"id": PAGE}, "recipient": {"id": PSID}}
    told = {"is_echo": True, "app_id": 26390203743090, "mid": "m_9", "metadata": "msg_1/0"}
    echo = {**people, "timestamp": str(NOW // 1_000), "message": told}
    assert one(echo) == Echo(HERE, "m_9", "msg_1/0")
    assert one({**echo, "message": {**told, "mid": ""}}) is None


def test_a_postback_without_a_mid_is_known_by_when_it_was_pressed() -> None:
    def key(**fields: Any) -> str:
        found = one(event(postback={"title": "Start", "payload": "GO"}, **fields))
        assert isinstance(found, Said)
        return found.key

    assert key() == key() != key(timestamp=NOW // 1_000 + 1)


def test_a_sticker_that_comes_as_an_image_too_is_one_thing() -> None:
    payload = {"url": "https://cdn.example/1.png", "sticker_id": 369239263222822}
    both = [{"type": kind, "payload": payload} for kind in ("sticker", "image")]
    found = one(message(attachments=both))
    assert isinstance(found, Said)
    assert [each.kind for each in found.attached] == ["sticker"]


def test_wrapped_events_standby_and_batches_are_read_in_the_order_of_their_time() -> None:
    late = said("second", "m_2")
    early = {**said("first", "m_1"), "timestamp": NOW // 1_000 - 5}
    wrapped = {"field": "messaging_postbacks", "value": {**early, "timestamp": "17"}}
    payload = webhook(late, early)
    payload["entry"] += webhook(wrapped, kind="changes")["entry"]
    payload["entry"] += webhook(said("other app", "m_4"), kind="standby")["entry"]
    found = read(payload)
    assert [each.where.at for each in found] == sorted(each.where.at for each in found)
    assert [each.key for each in found if isinstance(each, Said)] == ["m_1", "m_1", "m_2", "m_4"]
    assert [each.where.standby for each in found] == [False, False, False, True]


def test_an_event_without_a_time_has_that_of_its_entry() -> None:
    told = said("hello")
    del told["timestamp"]
    found = one(told)
    assert found is not None
    assert found.where.at == NOW


@pytest.mark.parametrize(
    "payload", [None, [], "page", {}, {"object": "instagram", "entry": []}, {"object": "page"}]
)
def test_what_is_no_event_of_a_page_is_refused(payload: Any) -> None:
    with pytest.raises(Malformed):
        read(payload)


def test_a_kept_attachment_never_looks_like_a_file_of_ours() -> None:
    found = kept((Attached("image", "image", URL), Attached("file", "a.pdf", URL)))
    assert [each.mime for each in found] == ["image/*", "application/octet-stream"]
    assert all(each.ref == f"messenger:{URL}" for each in found)


# --- anything at all -----------------------------------------------------------------------------


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 1 << 64))
def test_nothing_of_that_form_is_a_surprise(seed: int) -> None:
    """A hundred payloads in each of a hundred tries. Every event that is read names a page, and
    holds nothing that a database refuses."""
    random = Random(seed)
    for _ in range(100):
        try:
            found = read(anything.payload(random))
        except Malformed:
            continue
        for each in found:
            assert each.where.page
            assert 0 <= each.where.at < 1 << 62
            texts = [value for value in vars_of(each) if isinstance(value, str)]
            assert not any(UNWANTED.search(text) for text in texts)


def vars_of(found: Event) -> list[Any]:
    return [getattr(found, name) for name in found.__slots__]


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 1 << 64))
def test_what_is_beside_something_odd_is_read(seed: int) -> None:
    random = Random(seed)
    before, after = anything.event(random), anything.event(random)
    found = read(webhook(before, said("in between", "m_mine"), after))
    assert Said(HERE, "m_mine", "in between") in found
