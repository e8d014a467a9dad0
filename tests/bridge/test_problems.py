"""What a body may be, and what becomes of characters that no database keeps."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.requests import Request
from starlette.types import Message

from bridge.errors import BadRequest, StoreUnavailable
from bridge.problems import (
    MAX_DEPTH,
    answer_to,
    clean,
    clean_json,
    json_body,
    parse_json,
    parse_object,
    problem,
    query_number,
)


def refusal(function: Any, *arguments: Any) -> BadRequest:
    with pytest.raises(BadRequest) as caught:
        function(*arguments)
    return caught.value


def request(kind: str | None, body: bytes = b"{}") -> Request:
    headers = [] if kind is None else [(b"content-type", kind.encode())]

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return Request({"type": "http", "method": "POST", "path": "/", "headers": headers}, receive)


def test_a_number_of_the_query_is_bounded() -> None:
    assert query_number("", "after", 9) == 0
    assert query_number("3.5", "wait", 9) == 3.5
    assert query_number("inf", "wait", 9) == 9
    for text in ("x", "-1", "nan"):
        with pytest.raises(BadRequest) as caught:
            query_number(text, "wait", 9)
        assert list(caught.value.fields) == ["wait"]


def test_nul_and_half_surrogates_become_replacement_characters_and_emoji_stay() -> None:
    assert clean("a\x00b\ud83dc🙂") == "a\ufffdb\ufffdc🙂"
    value = {"k\x00": ["\ud800", {"x": 1, "y": None, "z": True, "f": 1.5}]}
    assert clean_json(value) == {"k\ufffd": ["\ufffd", {"x": 1, "y": None, "z": True, "f": 1.5}]}


def test_json_that_is_cut_in_the_middle_of_an_emoji_is_read() -> None:
    assert parse_object(b'{"text":"cut \\ud83d"}') == {"text": "cut \ud83d"}


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff", b'{"a":NaN}', b'{"a":Infinity}', b"[" * 100_000, b"nul"]
)
def test_broken_json_is_400(body: bytes) -> None:
    fault = refusal(parse_json, body)
    assert (fault.status, fault.code) == (400, "bad_json")


@pytest.mark.parametrize("body", [b"[]", b'"x"', b"1", b"null"])
def test_json_that_is_no_object_is_422(body: bytes) -> None:
    assert refusal(parse_object, body).status == 422


def test_depth_has_an_end() -> None:
    def nested(depth: int) -> Any:
        return [nested(depth - 1)] if depth else "x"

    assert clean_json(nested(MAX_DEPTH)) == nested(MAX_DEPTH)
    assert refusal(clean_json, nested(MAX_DEPTH + 1)).status == 422


def test_whole_numbers_that_json_cannot_write_again_are_refused() -> None:
    assert clean_json([2**64 - 1, -(2**63)]) == [2**64 - 1, -(2**63)]
    for value in (2**64, -(2**63) - 1, float("inf"), float("nan")):
        assert refusal(clean_json, {"n": value}).status == 422


@pytest.mark.parametrize(
    "kind", [None, "application/json", "application/json; charset=utf-8", "application/ld+json"]
)
async def test_json_or_nothing_said_is_read(kind: str | None) -> None:
    assert await json_body(request(kind, b"{}")) == b"{}"


@pytest.mark.parametrize("kind", ["text/plain", "multipart/form-data; boundary=x", "", "json"])
async def test_another_content_type_is_415(kind: str) -> None:
    with pytest.raises(BadRequest) as caught:
        await json_body(request(kind))
    assert (caught.value.status, caught.value.code) == (415, "unsupported_media_type")


def test_what_the_caller_needs_stands_in_the_error_and_at_the_top() -> None:
    reply = problem("handoff_open", "Open.", 409, fields={"id": "x"}, data={"id": "hnd_1"})
    assert reply.body == (
        b'{"id":"hnd_1","error":{"id":"hnd_1","code":"handoff_open","message":"Open.",'
        b'"fields":{"id":"x"}}}'
    )


async def test_an_error_is_answered_as_its_kind_is_everywhere() -> None:
    gone = await answer_to(request(None), StoreUnavailable("x"))
    odd = await answer_to(request(None), KeyError("x"))
    assert (gone.status_code, odd.status_code) == (503, 500)
