"""Who works on the command line is whoever the operating system says."""

from __future__ import annotations

import getpass

import pytest

from bridge.operators import operator


def test_they_have_the_name_of_their_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(getpass, "getuser", lambda: "alice")
    assert (operator().id, operator().name) == ("command line", "alice")


def test_where_there_is_no_such_user_they_have_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise KeyError("uid not found")

    monkeypatch.setattr(getpass, "getuser", nobody)
    assert operator().name == ""
