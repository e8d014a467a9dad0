"""What each kind of rule finds, and why it says that it fires."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.labels import ANY
from bridge.memory import NO_MEMORY, Memory
from bridge.model import Micros, Role
from bridge.patterns import Patience
from bridge.settings_triggers import TriggerSettings, made
from bridge.triggers import feelings, sensitive
from bridge.triggers.language import (
    GAP_WORDS,
    LONGEST_WORD,
    MOST_WORDS,
    Phrases,
    cut,
    guess,
    unquoted,
    words_of,
)
from bridge.triggers.rules import KEPT, MOST, Rule, Said, look, remembered
from bridge.triggers.sensitive import Sensitive


def rule(kind: str, **keys: Any) -> Rule:
    [compiled] = made([TriggerSettings(name="x", kind=kind, **keys)], ANY)
    return compiled


def why(rule: Rule, text: str, memory: Memory = NO_MEMORY, **more: Any) -> str:
    return rule.detect(Said(Role.USER, text, **more), memory)


# --- words ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "phrase", "text", "found"),
    [
        ("en", "refund", "When are REFUNDS paid?", True),
        ("en", "refund", "the fund", False),
        ("fr", "rembourser", "je veux être remboursée", True),
        ("fr", "avocat", "l'avocat", True),
        ("fr", "réclamation", "ma reclamation", True),
        ("de", "kündigen", "die Kündigungen", True),
        ("es", "devolución", "las devoluciones", True),
        ("en", "cancel … subscription", "cancel my old yearly subscription", True),
        ("en", "cancel ... subscription", "cancel subscription", True),
        ("en", "cancel … subscription", "cancel a b c d e subscription", False),
        ("en", "cancel … subscription", "cancel", False),
        ("en", "=Sue", "Sue wrote", True),
        ("en", "=Sue", "she sues", False),
        ("en", "talk =to", "talking to you", True),
        ("en", "…", "anything", False),
    ],
)
def test_words_are_found_by_their_stems_and_as_whole_words(
    language: str, phrase: str, text: str, found: bool
) -> None:
    assert bool(why(rule("words", words={language: [phrase]}), text)) is found


def test_a_list_is_for_all_languages_and_unless_takes_back_what_it_overlaps() -> None:
    refund = rule("words", words=["refund"], unless={"any": ["refund policy"]})
    assert why(refund, "my refund") == "“refund”"
    assert why(refund, "your refund policy") == ""
    assert why(refund, "the refund policy says so, where is my refund") == "“refund”"
    assert why(rule("words", words={"en": ["“”"]}), "x") == ""


def test_only_so_many_words_are_read_and_a_gap_is_as_long_as_it_is() -> None:
    refund = rule("words", words=["refund"])
    assert why(refund, "word " * (MOST_WORDS - 1) + "refund")
    assert not why(refund, "word " * MOST_WORDS + "refund")
    text = cut("en", ["a", *("b" for _ in range(GAP_WORDS)), "c"])
    assert [found.place for found in Phrases("en", ["a … c"]).find(text)] == [range(6)]


def test_the_language_is_guessed_by_small_words() -> None:
    assert guess(words_of("Where is the parcel that I sent?")) == ("en",)
    assert guess(words_of("OK")) == ("en", "fr", "de", "es")


def test_what_others_said_is_not_what_is_meant() -> None:
    human = rule("human")
    assert why(human, "I want to talk to a human") == "asks for a person"
    for quoted in ("“talk to a human” was on the page", "> talk to a human\nwhat is that?"):
        assert why(human, quoted) == ""
    assert why(human, "Hello, an agent please") == "asks for a person"
    assert why(human, "the agent came yesterday") == ""


def test_small_and_capital_letters_are_the_same_to_a_pattern() -> None:
    order = rule("pattern", pattern=r"\bab-\d{4}\b")
    assert why(order, "x" * 900 + " AB-1234") == "fits its pattern"
    assert why(order, "AB-12345") == ""


def test_a_pattern_that_takes_too_long_does_not_fire_and_holds_up_no_other_rule() -> None:
    order, human = rule("pattern", pattern="order"), rule("human")
    said = Said(Role.USER, "a human please, for my order", patience=Patience(left=0.0))
    found = look([order, human], said, NO_MEMORY)
    assert [each for each, _ in found.fired] == [human]
    assert found.unchecked == [order]


# --- moods ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("calm", "crosser"),
    [
        ("I am not angry", "I am angry"),
        ("I am happy", "I am not happy"),
        ("no, I am happy", "I am not very happy"),
        ("it is not bad", "it is bad"),
        ("this is a scam", "THIS IS A SCAM, GIVE IT BACK"),
        ("this is a scam", "this is a scam!!"),
        ("it is late", "it is late, I am disappointed"),
        ("nicht schlecht, danke", "das ist schlecht"),
    ],
)
def test_moods_are_weighed(calm: str, crosser: str) -> None:
    assert feelings.score(calm, words_of(calm)) > feelings.score(crosser, words_of(crosser))


def test_what_is_wrong_counts_once_and_is_no_mood() -> None:
    sad = "It is broken, late and damaged, the wrong one, and a part is missing"
    assert why(rule("sentiment"), sad) == ""
    assert why(rule("sentiment", below=-0.3), sad) == "sounds angry or annoyed (-0.3)"


@given(st.text(max_size=200))
def test_a_mood_is_between_its_ends_whatever_is_said(text: str) -> None:
    assert -1 <= feelings.score(text, words_of(text)) <= 1


# --- sensitive data ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (Sensitive.CARD_NUMBER, "2223 0031 2200 3222"),
        (Sensitive.IBAN, "GB82 WEST 1234 5698 7654 32"),
        (Sensitive.NATIONAL_ID, "2 55 08 14 168 025 38"),
        (Sensitive.NATIONAL_ID, "1 85 05 2A 006 084 35"),
        (Sensitive.NATIONAL_ID, "86095742719"),
        (Sensitive.NATIONAL_ID, "X1234567L"),
        (Sensitive.NATIONAL_ID, "756.9217.0769.85"),
        (Sensitive.NATIONAL_ID, "1237 010180"),
        (Sensitive.NATIONAL_ID, "93.05.18-223.61"),
        (Sensitive.NATIONAL_ID, "1234567T"),
        (Sensitive.NATIONAL_ID, "1234567FA"),
        (Sensitive.NATIONAL_ID, "078-05-1120"),
        (Sensitive.NATIONAL_ID, "AB 12 34 56 C"),
        (Sensitive.EMAIL, "joe+shop@mail.example.org"),
        (Sensitive.PHONE, "+44 20 7946 0958"),
        (Sensitive.PHONE, "(415) 555-0132"),
        (Sensitive.PHONE, "0171 2345678"),
        (Sensitive.PHONE, "612 345 678"),
    ],
)
def test_each_is_known_by_its_form_and_its_check_digits(kind: Sensitive, text: str) -> None:
    assert sensitive.find(f"it is {text}, thanks") == [kind]
    assert why(rule("sensitive", look_for=[kind]), text).startswith("contains a")
    others = [each for each in Sensitive if each is not kind]
    assert why(rule("sensitive", look_for=others), text) == ""


@pytest.mark.parametrize(
    "text",
    [
        "2 55 08 14 168 025 39",
        "86095742718",
        "11111111111",
        "11223456789",
        "X1234567A",
        "756.9217.0769.84",
        "1238 010180",
        "93.05.18-223.62",
        "1234567A",
        "000-12-3456",
        "GB 12 34 56 C",
        "2000 0000 0000 0006",
        "220000000000004",
        "02.11.2026 10:30",
        "AB12",
        "@acme",
        "",
    ],
)
def test_what_only_looks_like_it_is_nothing(text: str) -> None:
    assert sensitive.find(text) == []


@given(st.text(max_size=100))
def test_no_text_is_too_strange_to_be_looked_at(text: str) -> None:
    assert set(sensitive.find(text)) <= set(Sensitive)


# --- what goes over several messages -------------------------------------------------------------


def told(rules: list[Rule], *said: Said) -> list[str]:
    memory, found = NO_MEMORY, list[str]()
    for each in said:
        looked = look(rules, each, memory)
        found += [reason for _, reason in looked.fired]
        memory = looked.memory
    return found


def user(text: str, at: Micros = 0, **more: Any) -> Said:
    return Said(Role.USER, text, at, **more)


def bot(text: str, **more: Any) -> Said:
    return Said(Role.BOT, text, **more)


def test_who_says_the_same_again_or_that_it_did_not_help_goes_in_circles() -> None:
    again = [rule("repetition")]
    first = user("Where is the parcel from May?")
    assert told(again, first, user("I ask where my parcel from May is"), user("still not")) == [
        "the same was said again, 2 times"
    ]
    assert told(again, first, bot("Look into your account"), bot("Look into your account")) == []
    assert told(again, first, user("yes"), user("yes"), user("ok"), user("ok")) == []
    assert told([rule("repetition", times=1)], user("that didn't help")) == []


def test_only_the_last_messages_and_not_all_of_their_words_are_remembered() -> None:
    memory = NO_MEMORY
    for n in range(10):
        memory = remembered(user(" ".join(f"word{n}x{m}" for m in range(60))), memory)
        memory = remembered(bot(f"answer number {n}", confidence=n / 10), memory)
    assert (len(memory.said), len(memory.answered), memory.turns) == (KEPT, KEPT, 10)
    assert max(map(len, memory.said)) == MOST
    assert memory.doubts[-1] == 0.9


def test_a_bots_doubt_counts_when_it_is_told_and_so_often_behind_each_other() -> None:
    unsure = [rule("confidence", below=0.4, times=2)]
    low, high, silent = (bot(c, confidence=n) for c, n in (("a", 0.2), ("b", 0.9), ("c", None)))
    assert told(unsure, low, high, low, silent) == []
    assert told(unsure, low, silent, low) == ["the assistant was only 20% sure"]
    assert told([rule("confidence")], low) == ["the assistant was only 20% sure"]


@pytest.mark.parametrize("mark", ["“", "„", "«", "\n", " \n", '"'])
def test_a_text_of_nothing_but_marks_is_read_once(mark: str) -> None:
    """Once from each of them would take hours."""
    assert len(unquoted(mark * 300_000)) <= len(mark) * 300_000
    assert len(words_of("a" * 300_000)[0]) == LONGEST_WORD


def test_an_intent_is_told_in_the_words_of_the_settings() -> None:
    money = [rule("intent", intents=["Billing"])]
    assert told(money, bot("x", intent="billing")) == ["the assistant understood “Billing”"]
    assert told(money, bot("x"), bot("x", intent="price"), user("billing")) == []


@pytest.mark.parametrize(
    ("keys", "text", "turns", "reason"),
    [
        ({}, "x" * 800, 1, "a long message, 800 characters"),
        ({}, "a? b? c?? d?", 1, "4 questions in one message"),
        ({}, "x", 10, "10 messages without an end"),
        ({}, "x", 9, ""),
        ({"questions": 2}, "x" * 800, 10, ""),
        ({"turns": 3}, "x", 3, "3 messages without an end"),
    ],
)
def test_what_is_long_or_without_end_is_complex(
    keys: dict[str, Any], text: str, turns: int, reason: str
) -> None:
    assert why(rule("complexity", **keys), text, Memory(turns=turns)) == reason


@pytest.mark.parametrize(
    ("values", "attributes", "reason"),
    [
        (["Gold"], {"plan": "gold"}, "plan is gold"),
        (["1"], {"plan": 1}, "plan is 1"),
        (["Gold"], {"plan": "free"}, ""),
        ([], {"plan": "free"}, "has plan"),
        ([], {"plan": False}, ""),
        ([], {"plan": ""}, ""),
        ([], {}, ""),
    ],
)
def test_an_attribute_is_there_or_has_one_of_the_values(
    values: list[str], attributes: dict[str, Any], reason: str
) -> None:
    vip = rule("attribute", attribute="plan", values=values)
    assert why(vip, "hello", attributes=attributes) == reason


def test_a_rule_looks_at_those_words_and_channels_that_it_is_for() -> None:
    refund = {"words": ["refund"]}
    assert told([rule("words", says="bot", **refund)], user("refund"), bot("refund")) == [
        "“refund”"
    ]
    here = rule("words", channels=["webchat"], **refund)
    assert told([here], user("refund", channel="messenger")) == []
    assert told([here], user("refund", channel="webchat")) == ["“refund”"]


@pytest.mark.parametrize("mark", ["„", "“", "«"])
def test_what_is_quoted_begins_at_the_nearest_mark_so_that_many_are_read_once(mark: str) -> None:
    end = "»" if mark == "«" else "”"
    assert words_of(unquoted(f"{mark}mine {mark}theirs{end} mine")) == ["mine", "mine"]
    assert unquoted(mark * 10_000) == mark * 10_000


def test_only_the_line_behind_a_mark_is_quoted_and_a_word_without_end_is_cut() -> None:
    assert words_of(unquoted("\n\n  > theirs\nmine")) == ["mine"]
    assert words_of("x" * 10_000) == ["x" * LONGEST_WORD]
