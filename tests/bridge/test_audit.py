"""Seals: whatever is done to one row or several is found where it was done."""

from __future__ import annotations

import hmac
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from bridge import audit
from bridge.audit import MANY, NEWEST, Chain, Entry, Fault, Head, Walk, What, sealed

CHAIN = Chain([b"k" * 32])
SALT = bytes(16)


def entry(position: int, name: str = "", body: str = '{"n":1}') -> Entry:
    told = {"actor_role": "agent", "actor_id": "U1", "actor_name": "Ana", "epoch": 1, "body": body}
    where = {"workspace_id": "default", "conversation_id": "cnv_1", "handoff_id": None}
    row = dict.fromkeys(Entry._fields) | told | where | {"kind": "k", "at": position, "cause": "c"}
    return Entry(**{**row, "position": position, "name": name or f"e{position}"})  # type: ignore[arg-type]


def made(number: int, chain: Chain = CHAIN, before: str = "") -> list[Entry]:
    entries = [entry(position) for position in range(1, number + 1)]
    return with_seals(entries, sealed(chain, before, entries, {}, SALT * number))


def with_seals(entries: Sequence[Entry], done: Sequence[audit.Sealed]) -> list[Entry]:
    return [
        each._replace(salt=salt, said=said, seal=seal)
        for each, (salt, said, seal) in zip(entries, done, strict=True)
    ]


def newest(entries: Sequence[Entry]) -> Head:
    last = entries[-1]
    return CHAIN.prove(Head(NEWEST, last.position, last.at, last.seal or ""))


def check(entries: Sequence[Entry], head: Head | None, chain: Chain = CHAIN) -> list[Fault]:
    walk = Walk(chain, {head.position: [head]} if head else {})
    found = [fault for each in entries for fault in walk.step(each)]
    return [*found, *walk.end(head)]


def places(faults: Sequence[Fault]) -> list[tuple[str, int, int]]:
    return [(str(each.what), each.position, each.until) for each in faults]


def test_an_honest_chain_has_no_faults_and_an_empty_one_neither() -> None:
    rows = made(5)
    assert check(rows, newest(rows)) == []
    assert check([], None) == []
    assert check(rows, None) == []


def test_a_mac_is_half_of_an_hmac() -> None:
    whole = hmac.digest(b"key", b"told", "sha256").hex()
    assert audit.Mac(b"key").of(b"told") == whole[:32]


def test_text_and_content_are_sealed_by_salted_hashes() -> None:
    about = entry(1, body='{"message":"m1"}')
    (one,) = with_seals([about], sealed(CHAIN, "", [about], {"m1": "hello"}, SALT))
    assert check([one], None) == []
    assert one.said == audit.said_of("hello", SALT.hex())
    assert audit.said_of("hello", "00") != one.said != audit.said_of("hallo", SALT.hex())
    assert (one.message, entry(1).message) == ("m1", "")
    assert made(1)[0].said is None


def test_what_was_erased_is_no_fault_and_what_only_looks_so_is() -> None:
    rows = made(3)
    kept = audit.content_of(rows[1], rows[1].salt or "")
    rows[1] = rows[1]._replace(salt=None, content=kept, actor_name="", body="{}", changes=None)
    assert check(rows, newest(rows)) == []
    rows[1] = rows[1]._replace(actor_name="Eve")
    assert places(check(rows, newest(rows))) == [("changed", 2, 2)]


def test_a_head_that_does_not_fit_is_a_fault() -> None:
    rows = made(3)
    walk = Walk(CHAIN, {2: [Head("2026-11-21", 2, 2, "f00")], 9: [Head("2026-11-22", 9, 9, "f00")]})
    found = [fault for each in rows for fault in walk.step(each)]
    assert places([*found, *walk.end(newest(rows))]) == [("head", 2, 2), ("head", 9, 9)]


def test_a_head_is_believed_with_its_proof_alone() -> None:
    head = newest(made(2))
    assert CHAIN.proves(head)
    assert not CHAIN.proves(Head(head.name, 1, head.at, head.seal, head.proof))
    assert not Chain([b"other"]).proves(head)
    assert Chain([b"other", b"k" * 32]).proves(head)
    assert not CHAIN.proves(Head(head.name, head.position, head.at, head.seal, "½"))


def test_of_a_key_that_we_lack_nothing_fits_and_it_takes_no_longer() -> None:
    rows = made(2 * MANY + 50)
    faults = check(rows, None, Chain([b"other"]))
    assert {each.what for each in faults} == {What.CHANGED}
    assert [each.position for each in faults] == [each.position for each in rows]


@given(st.data())
def test_whatever_is_done_to_a_chain_is_found_at_its_place(data: st.DataObject) -> None:
    rows = made(data.draw(st.integers(2, 12)))
    head, place = newest(rows), data.draw(st.integers(0, len(rows) - 1))
    deed = data.draw(st.sampled_from(["change", "content", "remove", "close up", "insert", "cut"]))
    forged = entry(0, "forged")._replace(salt="00", seal="00")
    match deed:
        case "change":
            rows[place] = rows[place]._replace(actor_id="U2")
        case "content":
            rows[place] = rows[place]._replace(actor_name="Eve")
        case "remove" | "close up":
            del rows[place]
        case "insert":
            rows.insert(place, forged)
        case _:
            del rows[place:]
    if deed in ("close up", "insert"):
        rows = [each._replace(position=n) for n, each in enumerate(rows, 1)]
    faults = check(rows, head)
    assert place + 1 in {n for each in faults for n in range(each.position, each.until + 1)}
    if deed in ("change", "content"):
        assert places(faults) == [("changed", place + 1, place + 1)]
    if deed == "remove":
        assert places(faults) == [("removed", place + 1, place + 1)]
    if deed == "cut":
        assert places(faults) == [("removed", place + 1, head.position)]
    if deed == "insert" and place < head.position - 1:
        assert places(faults)[0] == ("inserted", place + 1, place + 1)
