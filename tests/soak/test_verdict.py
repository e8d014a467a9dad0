"""The judge itself: what it must call lost, doubled, disordered, foreign and changed."""

import pytest

from tests.soak.run import in_threads
from tests.soak.verdict import Seen, Verdict, judge

SENT = {1: ["c1-1", "c1-2", "c1-3"], 2: ["c2-1"]}


def thread(*texts: str, of: int) -> list[Seen]:
    return [Seen(text, "a thread", of) for text in texts]


def faults(verdict: Verdict) -> dict[str, int]:
    return {name: count for name, count in verdict.faults().items() if count}


def test_everything_once_and_in_order_is_green() -> None:
    seen = [*thread("c1-1", "c1-2", "c1-3", of=1), *thread("c2-1", of=2)]
    assert judge(SENT, seen, "here").green


def test_nothing_sent_is_not_green() -> None:
    assert not judge({}, [], "here").green


@pytest.mark.parametrize(
    ("first", "wanted"),
    [
        (["c1-1", "c1-3"], {"lost": 1}),
        (["c1-1", "c1-2", "c1-2", "c1-3"], {"doubled": 1}),
        (["c1-1", "c1-3", "c1-2"], {"disordered": 1}),
        (["c1-1", "c1-2", "c1-3", "c2-1"], {"foreign": 1, "doubled": 1}),
        (["c1-1", "c1-2 and more", "c1-3"], {"changed": 1}),
    ],
)
def test_each_fault_has_its_name(first: list[str], wanted: dict[str, int]) -> None:
    seen = [*thread(*first, of=1), *thread("c2-1", of=2)]
    assert faults(judge(SENT, seen, "here")) == wanted


def post(ts: str, key: str, text: str) -> dict[str, object]:
    metadata = {"event_type": "deskbridge", "event_payload": {"id": key}}
    return {"ts": ts, "thread_ts": "1.0", "text": text, "metadata": metadata, "deleted": False}


def test_parts_are_one_message_and_a_part_twice_is_a_message_twice() -> None:
    posts = [post("1.1", "msg_a/0", "c1-1 be"), post("1.2", "msg_a/1", "gin")]
    assert [seen.text for seen in in_threads(posts)] == ["c1-1 begin"]
    posts.append(post("1.3", "msg_a/1", "gin"))
    assert [seen.text for seen in in_threads(posts)] == ["c1-1 begin", "c1-1 begin"]


def test_what_was_deleted_is_not_there() -> None:
    gone = post("1.1", "msg_a/0", "c1-1") | {"deleted": True}
    assert in_threads([gone]) == []


def test_verdicts_add_up() -> None:
    both = judge(SENT, [], "here") + judge(SENT, [], "there")
    assert (both.sent, both.lost, len(both.details)) == (8, 8, 8)
