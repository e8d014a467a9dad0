"""The OpenAPI 3.1 document, made of the calls and of their models, and served as it is.

Assembled here, in a few dozen lines, and not by a library: spectree, the one that fits Starlette,
reads and checks requests itself, in its own way and with its own errors, and its pages come from a
content network.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from copy import deepcopy
from functools import cache
from importlib.metadata import version
from typing import Any

import orjson
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bridge.api.answers import Problem, Receipt
from bridge.api.calls import Call
from bridge.problems import JSON

Json = dict[str, Any]
PATH = "/openapi.json"
REF = "#/components/schemas/{model}"
CONVERTER = re.compile(r":\w+}")
REFUSALS = {
    400: "The body is not valid JSON.",
    401: "This needs an API key.",
    403: "The key has none of the scopes, or this is another bot's.",
    404: "It is not there.",
    409: "Not now: the code says why, and what is needed to go on stands beside it.",
    413: "The body is over 1 MiB.",
    415: "The body is no JSON.",
    422: "Some fields do not fit: `fields` names them.",
    429: "The key asks too often: come again after `Retry-After` seconds.",
    503: "Nothing was stored. Please try again.",
}
ANSWERS = {
    200: "Done, or as it is.",
    201: "Made.",
    202: "Taken.",
    204: "Done; there is nothing to say.",
}
LINKS = {"/v1/handoffs/{id}": "id", "/v1/conversations/{id}": "conversation_id"}
"""What the path's id is in the receipt of a handoff."""
ALWAYS = (401, 403, 422, 429, 503)
RETRY_AFTER = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds."}}
"""The header of answers that say to come again."""
LATER = (429, 503)
WITH_BODY = (400, 413, 415)
ABOUT = """For bots, which ask for a human, speak and look back; for tools, which do what agents do.

Every call needs `Authorization: Bearer KEY` with one of the scopes that it names; a bot may sign
instead (Standard Webhooks) where that is said. What is refused is
`{"error": {"code", "message", "fields"?}}`. Lists come in pages: `next_cursor` of one is the
`cursor` of the next.

The routes of Botpress v12, under `/api/v1/`, have [a page of their own](/docs/botpress)."""
BOTPRESS = """The HTTP API of Botpress v12's modules `hitl` and `hitlnext`, for what was written for
it: their paths, bodies and status codes, on the conversations and handoffs of [the API](/docs).

Every call needs `Authorization: Bearer KEY` with one of the scopes that it names."""


def document(calls: Sequence[Call], channels: Collection[str], server: str) -> Json:
    """The whole document. `channels`: the names that a handoff may be for."""
    made = plain(calls, "Deskbridge", ABOUT, server)
    named = {"enum": [*sorted(channels), None], "type": ["string", "null"]}
    made["components"]["schemas"]["HandoffRequest"]["properties"]["channel"] = named
    _link(made["paths"], calls)
    return made


def plain(calls: Sequence[Call], title: str, about: str, server: str) -> Json:
    """What the calls say of themselves."""
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version("deskbridge"), "description": about},
        "servers": [{"url": server}],
        "security": [{"key": []}],
        "tags": [{"name": name} for name in dict.fromkeys(call.group for call in calls)],
        "paths": _paths(calls),
        "components": {
            "schemas": _schemas(calls),
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
    }


def routes(document: Callable[[], Json]) -> list[Route]:
    """It takes half a second to make: no start waits for it, and no request but the first, which is
    answered in a thread."""

    def show(_request: Request) -> Response:
        return Response(orjson.dumps(document()), media_type=JSON)

    return [Route(PATH, show)]


# --- calls ---------------------------------------------------------------------------------------


def _paths(calls: Sequence[Call]) -> Json:
    paths: Json = {}
    for call in calls:
        paths.setdefault(CONVERTER.sub("}", call.path), {})[call.method.lower()] = _operation(call)
    return paths


def _link(paths: Json, calls: Sequence[Call]) -> None:
    """What can be done next with the ids in an answer, said where a handoff is opened."""
    links = {
        _name(call): {
            "operationId": _name(call),
            "parameters": {"id": f"$response.body#/{field}"},
        }
        for call in calls
        for path, field in LINKS.items()
        if call.path.startswith(path)
    }
    for answer in paths["/v1/handoffs"]["post"]["responses"].values():
        if answer["content"][JSON]["schema"] == _ref(Receipt):
            answer["links"] = links


def _operation(call: Call) -> Json:
    operation: Json = {
        "operationId": _name(call),
        "summary": call.title,
        "description": _about(call),
        "tags": [call.group],
        "parameters": [*_in_path(call), *_in_query(call.query)],
        "responses": {str(status): _answer(status, call) for status in _statuses(call)},
    }
    if call.body:
        content = {JSON: {"schema": _ref(call.body)}}
        operation["requestBody"] = {"required": call.needs_body, "content": content}
    return operation


def _name(call: Call) -> str:
    """`post_handoffs_by_id_assign`."""
    parts = CONVERTER.sub("}", call.path.removeprefix("/v1")).strip("/").split("/")
    words = (f"by_{part[1:-1]}" if part.startswith("{") else part for part in parts)
    return "_".join([call.method.lower(), *words])


def _about(call: Call) -> str:
    scopes = " or ".join(f"`{scope}`" for scope in sorted(call.scopes))
    signed = ", or a bot's signature" if call.signed else ""
    return f"{call.about}\n\nScope {scopes}{signed}.".strip()


def _in_path(call: Call) -> list[Json]:
    names = re.findall(r"{(\w+)", call.path)
    schema = {"type": "string", "minLength": 1}
    return [{"name": name, "in": "path", "required": True, "schema": schema} for name in names]


def _in_query(query: type[BaseModel] | None) -> list[Json]:
    if query is None:
        return []
    schema = query.model_json_schema(ref_template=REF)
    return [_parameter(name, each) for name, each in schema["properties"].items()]


def _parameter(name: str, schema: Json) -> Json:
    """Lists are one text with commas; what may be left out is not null in an address."""
    plain = {key: value for key, value in schema.items() if key not in {"title", "description"}}
    if "anyOf" in plain:
        [only] = [each for each in plain.pop("anyOf") if each != {"type": "null"}]
        plain = {**only, **plain}
    if plain.get("default", "") is None:
        del plain["default"]
    found: Json = {"name": name, "in": "query", "required": False, "schema": plain}
    if "description" in schema:
        found["description"] = schema["description"]
    return found | ({"explode": False} if plain.get("type") == "array" else {})


def _statuses(call: Call) -> list[int]:
    more = WITH_BODY if call.body else ()
    return sorted({*call.answers, *ALWAYS, *more, *call.refusals})


def _answer(status: int, call: Call) -> Json:
    if status not in call.answers:
        refused = {"description": REFUSALS[status], "content": {JSON: {"schema": _ref(Problem)}}}
        return refused | ({"headers": RETRY_AFTER} if status in LATER else {})
    shape = call.answers[status]
    told: Json = {"description": ANSWERS[status]}
    if isinstance(shape, str):
        return told | {"content": {shape: {"schema": {"type": "string"}}}}
    return told | ({"content": {JSON: {"schema": _ref(shape)}}} if shape else {})


# --- models --------------------------------------------------------------------------------------


def _ref(shape: type[BaseModel]) -> Json:
    return {"$ref": REF.format(model=shape.__name__)}


def _schemas(calls: Sequence[Call]) -> Json:
    asked = [(call.body, "validation") for call in calls if call.body]
    told = [
        (shape, "serialization")
        for call in calls
        for shape in call.answers.values()
        if shape and not isinstance(shape, str)
    ]
    in_query = [(call.query, "validation") for call in calls if call.query]
    wanted: Mapping[Any, None] = dict.fromkeys(
        [*asked, *told, *in_query, (Problem, "serialization")]
    )
    found = deepcopy(_definitions(tuple(wanted)))
    for shape, _ in in_query:
        found.pop(shape.__name__, None)
    return found


@cache  # a tenth of a second, and the same for every app that a process makes
def _definitions(wanted: tuple[Any, ...]) -> Json:
    _, definitions = models_json_schema(wanted, ref_template=REF)
    found: Json = definitions["$defs"]
    return found
