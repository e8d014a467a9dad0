"""Alerts of drafts that wait: what of them is told, how one gets there, and until when."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bridge.alert_words import Found
from bridge.alerting import addressees
from bridge.alerts import Alert, Ring, SendAlert
from bridge.commands import Accepted, Judge, RequestApproval, ToConversation, ToUser
from bridge.errors import Retry
from bridge.gates import Act, Ask, Verdict
from bridge.model import SECOND
from bridge.telling import Teller
from storage.lists import SqlLists
from storage.tables import metadata
from tests.bridge.alarm import SLACK, Alarm, BoardDesk, alarm, alerts
from tests.bridge.driver import ANA
from tests.bridge.house import API
from tests.bridge.running import in_file
from tests.bridge.test_watching import DESK, everywhere, opens, put
from tests.bridge.tools import the_librarys_clock
from tests.storage.stored import user

__all__ = ["everywhere", "the_librarys_clock"]


async def asks(it: Alarm, title: str, to: ToUser) -> str:
    """A bot, for a decision about a draft. Its card stands somewhere."""
    house = it.house
    ask = Ask(title, {"text": "You get 49 € back."}, expires_in=900 * SECOND)
    answer = await house.do(RequestApproval(house.key(), house.clock.now, to, API, "shop", ask))
    assert isinstance(answer, Accepted), answer
    await house.quiet()
    table = metadata.tables["approval"]
    place = table.update().where(table.c.id == answer.data["id"]).values(place='["T1","C1","9.1"]')
    await house.database.write(partial(put, place))
    return str(answer.data["id"])


async def test_drafts_are_told_by_title_with_the_way_to_their_card_until_they_are_decided(
    everywhere: Alarm,
) -> None:
    it = everywhere
    await opens(it, "bob", "billing", "My bill")
    refund = await asks(it, "Refund  order 1009", user("bob"))
    await it.look(60)
    way = "https://acme.slack.com/T1/C1/9.1"
    line = f"#1 · Refund order 1009 · billing · shop · for 1 min, 14 min left · {refund} · {way}"
    told = f"1 draft of a bot to be approved, the oldest for 1 min\n\n- {line}\n"
    assert told in it.board.texts
    assert told in [text for _, _, text, _ in it.postbox.taken]
    [body] = [body for _, _, body in it.tool.taken if body["type"] == "alert.approval_waiting"]
    [thing] = body["data"]["things"]
    assert thing.pop("since") < thing.pop("expires_at")
    assert thing.pop("handoff_id")
    assert thing == {
        "number": 1,
        "approval_id": refund,
        "bot": "shop",
        "queue": "billing",
        "title": "Refund order 1009",
        "link": way,
        "until": None,
    }
    second = await asks(it, "Refund order 1010", user("bob"))
    house = it.house
    yes = (to_conversation(), refund, ANA, Verdict(Act.APPROVE))
    assert isinstance(await house.do(Judge(house.key(), house.clock.now, *yes)), Accepted)
    await it.look(300)
    last = [text for text in it.board.texts if "draft" in text][-1]
    assert last.startswith("1 draft of a bot to be approved, the oldest for 5 min")
    assert second in last
    assert "You get" not in str((it.board.texts, it.postbox.taken, it.tool.taken))


def to_conversation() -> ToConversation:
    return ToConversation(user("bob").conversation_id)


@pytest.mark.parametrize(
    ("more", "title"),
    [({}, "Refund · "), ({"words": False}, ""), ({"words": True}, "Refund · ")],
)
async def test_what_a_draft_is_called_stays_at_home_where_words_do_and_no_card_is_no_way(
    tmp_path: Path, more: dict[str, Any], title: str
) -> None:
    place = {**SLACK, "kinds": ["approval_waiting"], **more}
    async with alarm(in_file(tmp_path), alerts(place), policy=DESK) as it:
        it.board.moods.say(Retry("away"))
        draft = await asks(it, "Refund", user("bob"))
        await it.look(60)
        assert it.board.texts[-1].endswith(f"- {title}shop · for 1 min, 14 min left · {draft}\n")


async def test_what_is_called_nothing_any_more_is_told_by_its_id(tmp_path: Path) -> None:
    place = {**SLACK, "kinds": ["approval_waiting"]}
    async with alarm(in_file(tmp_path), alerts(place, private=True), policy=DESK) as it:
        draft = await asks(it, "Refund", user("bob"))
        no_card = metadata.tables["approval"].update().values(place="[]")
        await it.house.database.write(partial(put, no_card))
        await it.look(60)
        assert it.board.texts[-1].endswith(f"- shop · for 1 min, 14 min left · {draft}\n")
        ring = Ring("apr_gone", it.house.clock.now, ends=it.house.clock.now)
        told = SendAlert("desk", "1", Alert.APPROVAL_WAITING, it.house.clock.now, 1, (ring,))
        teller = Teller(addressees(alerts(place)), *_of(it))
        assert (await teller._finds(told, teller.addressees["desk"]))["apr_gone"] == Found()
        assert await teller._link(("T1", "C1", "9.1"))
        assert await replace(teller, desk=None)._link(("T1", "C1", "9.1")) == ""


def _of(it: Alarm) -> Any:
    house = it.house
    lists = SqlLists(house.database, house.reads)
    return house.reads, lists, house.store, BoardDesk(), it.postbox, it.tool, house.clock
