"""Logging with structlog, for people or for machines. Lines carry ids and codes, never texts or
secrets."""

from __future__ import annotations

import logging
import sys
from contextvars import ContextVar
from typing import Any

import structlog

REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="")
"""The id of the request that is being answered, for its log lines."""


def _with_request_id(_logger: Any, _method: str, line: Any) -> Any:
    if request_id := REQUEST_ID.get():
        line["request_id"] = request_id
    return line


def configure(level: str, style: str) -> None:
    """`style`: `console`, or `json` with one object a line. Called once, by the command line."""
    render: Any = (
        structlog.processors.JSONRenderer()
        if style == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            _with_request_id,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(name)s %(message)s")
