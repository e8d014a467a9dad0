"""Reply, note, command, or held: by how people really type them."""

from __future__ import annotations

import doctest

import pytest

from bridge import words
from bridge.words import Said, Sense, read

NOTES = {
    "!n check the courier": "check the courier",
    "!note check the courier": "check the courier",
    "!N check": "check",
    "!NOTE check": "check",
    "!n: check": "check",
    "!note：check": "check",
    "！n check": "check",
    "  !n check": "check",
    "\u00a0!n check": "check",
    "\u3000!n check": "check",
    "\u200b!n check": "check",
    "\ufeff!n check": "check",
    "\u200f!n check": "check",
    "> !n check": "check",
    ">>> !n check": "check",
    "`!n check`": "check",
    "```\n!n check\n```": "check",
    "*!n* check": "* check",
    "_!n check_": "check_",
    "~!n check~": "check~",
    "• !n check": "check",
    "- !n check": "check",
    "(!n check": "check",
    "“!n check": "check",
    "\\!n check": "check",
    "!n\ncheck": "check",
    "!n\tcheck": "check",
    "!n": "",
    "!note": "",
    "/n check": "check",
    "/note check": "check",
    ";; check": "check",
    ";;check": "check",
    "；；check": "check",
    " ;; check": "check",
    "// check": "check",
    "//check": "check",
    "🔒 check": "check",
    "🔒\ufe0fcheck": "check",
    "🔒check": "check",
    ":lock: check": "check",
    "note: check": "check",
    "Note: check": "check",
    "NOTE : check": "check",
    "note：check": "check",
    "*note*: check": "check",
    "*Note:* check": "* check",
    "internal: check": "check",
    "Internal : check": "check",
    "internal note: check": "check",
    "Private note: check": "check",
    "> note: check": "check",
    "1. !n check": "check",
    "1) note: check": "check",
    "12.!n check": "check",
    "> 1. !n check": "check",
    "  a. !n check": "check",
    "B) internal: check": "check",
    "1. - !n check": "check",
    "１．!n check": "check",
    "- internal: check": "check",
}

REPLIES = {
    "hello": "hello",
    "  hello": "  hello",
    "!r hello": "hello",
    "!R hello": "hello",
    "!r: hello": "hello",
    "! r hello": "hello",
    "！r hello": "hello",
    "!r\nhello": "hello",
    "!r :) hello": ":) hello",
    "!r !n hello": "!n hello",
    "> quoted": "> quoted",
    "- a list": "- a list",
    "1. a list\n2. !n of things": "1. a list\n2. !n of things",
    "2.50 is the fee": "2.50 is the fee",
    "OK. !n is our word": "OK. !n is our word",
    "(in brackets)": "(in brackets)",
    "notes: two": "notes: two",
    "note that it is late": "note that it is late",
    "internally: no": "internally: no",
    "; a semicolon": "; a semicolon",
    "/checkout is down": "/checkout is down",
    "/n/a": "/n/a",
    "/resolve/me is a path": "/resolve/me is a path",
    "wow! great": "wow! great",
    "n check": "n check",
    "": "",
    "🔓 open": "🔓 open",
}

VERBS = {
    "!": ("menu", ""),
    " ！ ": ("menu", ""),
    "!say We are closed": ("say", "We are closed"),
    "!resolve": ("resolve", ""),
    "!resolve refunded twice": ("resolve", "refunded twice"),
    "!Resolve: done": ("resolve", "done"),
    "  !assign me": ("assign", "me"),
    "！release": ("release", ""),
    "> !snooze 2h": ("snooze", "2h"),
    "!label vip -spam": ("label", "vip -spam"),
    "!help": ("help", ""),
}

UNKNOWN = (
    "!!",
    "!!n secret",
    "! n secret",
    "! resolve",
    "!resolv done",
    "!resolved",
    "!nn secret",
    "!notes secret",
    "!notebook",
    "!n-secret",
    "!r",
    "!r ",
    "!rsecret",
    "!wow",
    "! hello",
    "!?",
    "/resolve done",
    "/assign",
    " /pause",
    "`!resolv`",
)


@pytest.mark.parametrize(("text", "left"), NOTES.items())
def test_what_begins_like_a_note_stays_inside(text: str, left: str) -> None:
    said = read(text)
    assert (said.sense, said.text) == (Sense.NOTE, left)


@pytest.mark.parametrize(("text", "left"), REPLIES.items())
def test_what_is_meant_for_the_customer_is_a_reply(text: str, left: str) -> None:
    assert read(text) == Said(Sense.REPLY, left, plainly=text != left)


@pytest.mark.parametrize(("text", "parts"), VERBS.items())
def test_a_known_word_is_a_command_with_its_arguments(text: str, parts: tuple[str, str]) -> None:
    verb, args = parts
    assert read(text) == Said(Sense.VERB, args, verb)


@pytest.mark.parametrize("text", UNKNOWN)
def test_what_nobody_can_know_is_never_a_reply(text: str) -> None:
    assert read(text).sense is Sense.UNKNOWN


def test_the_examples_in_the_docstrings_are_true() -> None:
    assert doctest.testmod(words).failed == 0
