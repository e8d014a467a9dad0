"""Regular expressions of the settings: those that could run for ever are refused."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.leaks import OTHER, Guard
from bridge.patterns import LONGEST, OVERLAP, TOO_MANY, WIDTH, fault, pieces

TWICE = "may not repeat what repeats, or has alternatives, itself"
SOME_DAY = "may mean another thing some day, put \\ before it: Possible nested set at position 1"
AROUND = "may neither look around nor refer back"


@pytest.mark.parametrize(
    "pattern",
    [
        "project (falcon|heron)",
        r"PRJ-\d+",
        r"(?i)acct\s*+(?:no|number)?\s*+[:#]?\s{0,3}\d{6,}",
        r"\w+:.*!",
        f"project (falcon|heron|{'|'.join('abcdefghijklmno')})-(a|b)",
        r"(?P<name>ab){3}",
        r"(?i:a)+b{2}?",
        r"[]|)(*+]+\(\)\|",
        r"[^]a]*\\+x",
        "(?:a(?:b)?)?",
        "a{3}{",
        "",
    ],
)
def test_what_looks_for_words_is_taken(pattern: str) -> None:
    assert fault(pattern) == ""


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("(a+)+b", TWICE),
        ("(a|aa)*b", TWICE),
        ("(?:a?){30}", TWICE),
        ("((a*)b)+", TWICE),
        (r"(?P<x>\d+,)+", TWICE),
        ("((a|b)c){2,}", TWICE),
        (r"(a)\1", AROUND),
        ("(?=a)b", AROUND),
        ("a(?<!b)", AROUND),
        ("(?P<x>a)(?P=x)", AROUND),
        ("[[a]", SOME_DAY),
        ("(", "is no regular expression: missing ), unterminated subpattern"),
        ("[[:alpha:]]+", SOME_DAY),
        (r"\w*\w*\w*0x", TOO_MANY),
        ("a?" * 40 + "a" * 40, TOO_MANY),
        ("(a|aa)" * 20 + "b", TOO_MANY),
        ("a{0,9}" * 8 + "b|c", TOO_MANY),
        ("a" * (LONGEST + 1), f"has at most {LONGEST} characters"),
    ],
)
def test_what_could_run_for_ever_is_refused(pattern: str, why: str) -> None:
    assert fault(pattern) == why


@given(st.text("ab(?:|)*+?{}[],123\\dP<=!^$.", max_size=20))
def test_no_pattern_breaks_the_reading_of_it(pattern: str) -> None:
    assert isinstance(fault(pattern), str)


@given(st.integers(0, 3_000), st.integers(1, OVERLAP))
def test_what_is_no_longer_than_the_overlap_is_found_wherever_it_stands(
    before: int, length: int
) -> None:
    word = "x" * length
    text = f"{' ' * before}{word}{' ' * (3_000 - before)}"
    assert any(word in piece for piece in pieces(text))
    assert all(len(piece) <= WIDTH for piece in pieces(text))


def test_what_the_guard_is_to_find_is_found_in_long_texts_too() -> None:
    guard = Guard(look_for=(), patterns=(r"project \w+",))
    assert guard.find(f"{'a ' * 4_000}Project heron{' b' * 4_000}") == (OTHER,)
    assert guard.find("a " * 4_000) == ()


def test_the_shortest_text_is_looked_at() -> None:
    assert list(pieces("")) == [""]
    assert [bool(re.search("a", piece)) for piece in pieces("a")] == [True]
