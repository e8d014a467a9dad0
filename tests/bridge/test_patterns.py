"""Regular expressions of the settings: what is refused, and that each look at a text has an end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.leaks import OTHER, UNCHECKED, Guard
from bridge.patterns import ALL, EACH, LARGEST, LONGEST, Patience, Pattern, fault, made

TWICE = "may not repeat what repeats, or has alternatives, itself"
LARGE = f"stands for over {LARGEST} characters"
NONE = "is no regular expression: "
SLOW = "(a|a)" * 30 + "b"
"""A thousand million ways, at each place of a text of nothing but `a`."""


@pytest.mark.parametrize(
    "pattern",
    [
        "project (falcon|heron)",
        r"PRJ-\d+",
        r"(?i)acct\s*+(?:no|number)?\s*+[:#]?\s{0,3}\d{6,}",
        r"\w+:.*!",
        f"project (falcon|heron|{'|'.join('abcdefghijklmno')})-(a|b)",
        r"(?P<name>ab){3}(?P=name)",
        r"(?i:a)+b{2}?",
        r"[]|)(*+]+\(\)\|",
        r"[^]a]*\\+x",
        "(?:a(?:b)?)?",
        "a{3}{",
        r"(a)\1",
        "(?=a)b(?<!c)(?>d)",
        "[[:alpha:]]+",
        "(a{99}){99}",
        SLOW,
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
        ("(?<x>(?=a|b)c)+", TWICE),
        ("((a|b)c){2,}", TWICE),
        ("a{99999}", LARGE),
        ("((((a{9}){9}){9}){9}){9}", LARGE),
        ("(a{0}b{1}){10001}", LARGE),
        ("(", f"{NONE}missing ) at position 1"),
        ("a)b", f"{NONE}unbalanced parenthesis at position 1"),
        ("a" * (LONGEST + 1), f"has at most {LONGEST} characters"),
    ],
)
def test_what_would_always_take_long_is_refused(pattern: str, why: str) -> None:
    assert fault(pattern) == why


@given(st.text("ab(?:|)*+?{}[],123\\dP<=!^$.", max_size=20))
def test_no_pattern_breaks_the_reading_of_it(pattern: str) -> None:
    assert isinstance(fault(pattern), str)


# --- the time ------------------------------------------------------------------------------------


@dataclass
class Slow:
    """Takes so long, by the clock of the test, and finds nothing."""

    needs: float
    now: float = 0.0
    given: tuple[float, ...] = ()

    def search(self, _text: str, *, timeout: float, concurrent: bool) -> None:
        assert not concurrent
        self.given += (timeout,)
        self.now += min(self.needs, timeout)
        if self.needs > timeout:
            raise TimeoutError


def test_each_pattern_has_an_end_and_all_of_one_text_share_the_time() -> None:
    slow = Slow(1.0)
    patience = Patience(clock=lambda: slow.now)
    for _ in range(5):
        with pytest.raises(TimeoutError):
            patience.finds(cast(Pattern, slow), "text")
    assert slow.given == pytest.approx((EACH, EACH, ALL - 2 * EACH, 0.0, 0.0), abs=1e-9)


def test_what_is_quick_leaves_the_time_to_the_others() -> None:
    quick = Slow(EACH / 10)
    patience = Patience(clock=lambda: quick.now)
    for _ in range(20):
        assert not patience.finds(cast(Pattern, quick), "text")
    assert quick.given[0] == EACH
    assert patience.left == pytest.approx(ALL - 2 * EACH)


def test_without_time_nobody_knows_and_with_time_it_is_found() -> None:
    assert Patience().finds(made("HERON"), "a heron")
    with pytest.raises(TimeoutError):
        Patience(left=0.0).finds(made("heron"), "a heron")


@pytest.mark.parametrize("pattern", [r"\w*\w*\w*[01][xy]", "a*a*[bc]", "(a|a)" * 17 + "b", SLOW])
def test_what_would_run_for_minutes_comes_back(pattern: str) -> None:
    """Were there no end, the longest would not come back before the machine is scrap."""
    assert fault(pattern) == ""
    with pytest.raises(TimeoutError):
        Patience().finds(made(pattern), "a" * 10_000)


# --- the guard -----------------------------------------------------------------------------------


def test_what_the_guard_is_to_find_is_found_in_long_texts_too() -> None:
    guard = Guard(look_for=(), patterns=(r"project \w+",))
    assert guard.find(f"{'a ' * 4_000}Project heron{' b' * 4_000}") == (OTHER,)
    assert guard.find("a " * 4_000) == ()
    long = Guard(look_for=(), patterns=(r"^begin\b.*\bend$",))
    assert long.find(f"begin {'a ' * 4_000}end") == (OTHER,)
    assert long.find(f"{'a ' * 4_000} begin end") == ()


def test_what_took_too_long_is_held_with_the_number_of_the_pattern() -> None:
    text = "a" * 500
    assert Guard(look_for=(), patterns=("heron", SLOW)).find(text) == (f"{UNCHECKED}2",)
    assert Guard(look_for=(), patterns=(SLOW, "heron", "a")).find(text) == (OTHER,)
