"""Log lines: for people or machines, with the request's id, from a level on."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr

import structlog

from bridge import logs


@contextmanager
def written() -> Iterator[io.StringIO]:
    """What goes to standard error, and logging as it was afterwards. In the test's body: pytest
    has a standard error and handlers of its own for each phase."""
    text, root = io.StringIO(), logging.getLogger()
    handlers, level = root.handlers[:], root.level
    root.handlers[:] = []
    try:
        with redirect_stderr(text):
            yield text
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        structlog.reset_defaults()


def test_for_machines_each_line_is_one_object_with_the_requests_id() -> None:
    with written() as text:
        logs.configure("info", "json")
        before = logs.REQUEST_ID.set("req_1")
        try:
            structlog.get_logger("x").info("taken", handoff="hnd_1")
        finally:
            logs.REQUEST_ID.reset(before)
        structlog.get_logger("y").warning("outside")
        first, second = (json.loads(line) for line in text.getvalue().splitlines())
        assert (first["event"], first["handoff"], first["request_id"]) == (
            "taken",
            "hnd_1",
            "req_1",
        )
        assert first["level"] == "info"
        assert first["timestamp"].endswith("Z")
        assert "request_id" not in second


def test_what_is_below_the_level_is_not_written() -> None:
    with written() as text:
        logs.configure("warning", "json")
        structlog.get_logger("x").info("chatter")
        structlog.get_logger("x").error("trouble")
        assert [json.loads(line)["event"] for line in text.getvalue().splitlines()] == ["trouble"]


def test_for_people_a_line_reads_as_text_and_faults_have_their_trace() -> None:
    with written() as text:
        logs.configure("info", "console")
        try:
            raise ZeroDivisionError("why")  # noqa: TRY301 - what is logged is the point
        except ZeroDivisionError:
            structlog.get_logger("x").exception("trouble", lane="user:1")
        assert "trouble" in text.getvalue()
        assert "lane=user:1" in text.getvalue()
        assert "ZeroDivisionError: why" in text.getvalue()


def test_what_libraries_say_aloud_is_written_too() -> None:
    with written() as text:
        logs.configure("info", "console")
        logging.getLogger("library").warning("careful")
        assert text.getvalue() == "library careful\n"
