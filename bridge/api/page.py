"""`/docs` and `/docs/botpress`: a document for people, as one page of our own that needs nothing
from elsewhere: no script, one sheet of style, drawn when it is first asked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

Json = Mapping[str, Any]
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
HEADERS = {"Content-Security-Policy": POLICY}
CODE = re.compile(r"`([^`]+)`")
LINK = re.compile(r"\[([^]]+)\]\((/[\w/]+)\)")
"""To another page of ours."""


def route(path: str, document: Callable[[], Json], machines: str = "") -> Route:
    """`machines`: where the document is told to them."""
    page = cache(lambda: draw(document(), machines))

    def show(_request: Request) -> Response:
        return HTMLResponse(page(), headers=HEADERS)

    return Route(path, show)


def draw(document: Json, machines: str = "") -> str:
    info, operations = document["info"], list(_operations(document))
    groups = [tag["name"] for tag in document["tags"]]
    schemas = document["components"]["schemas"]
    style = files("bridge.api").joinpath("docs.css").read_text("utf-8")
    menu = "".join(_menu(group, operations) for group in groups)
    body = "".join(_group(group, operations, schemas) for group in groups)
    models = "".join(_model(name, schema) for name, schema in sorted(schemas.items()))
    title = f"{info['title']} API"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{style}</style></head><body>"
        f'<nav><a class="home" href="#top">{escape(title)}</a>{menu}'
        f'<h2>Shapes</h2><ul><li><a href="#shapes">All shapes</a></li></ul></nav>'
        f'<main id="top"><h1>{escape(title)} <small>{escape(info["version"])}</small></h1>'
        f"{_paragraphs(info['description'])}{_for_machines(document, machines)}{body}"
        f'<h2 id="shapes">Shapes</h2>{models}</main></body></html>'
    )


def _for_machines(document: Json, where: str) -> str:
    link = f'<a href="{where}">{where}</a>'
    return f"<p>For machines: {link}, OpenAPI {document['openapi']}.</p>" if where else ""


def _operations(document: Json) -> Iterable[tuple[str, str, Json]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


# --- calls ---------------------------------------------------------------------------------------


def _menu(group: str, operations: Iterable[tuple[str, str, Json]]) -> str:
    lines = "".join(
        f'<li><a href="#{it["operationId"]}">{_badge(method)}{escape(it["summary"])}</a></li>'
        for method, _, it in operations
        if group in it["tags"]
    )
    return f"<h2>{escape(group)}</h2><ul>{lines}</ul>"


def _group(group: str, operations: Iterable[tuple[str, str, Json]], schemas: Json) -> str:
    parts = "".join(
        _call(method, path, it, schemas) for method, path, it in operations if group in it["tags"]
    )
    return f"<h2>{escape(group)}</h2>{parts}"


def _call(method: str, path: str, it: Json, schemas: Json) -> str:
    asked = [_row(p["name"], p["schema"], p["required"], p) for p in it["parameters"]]
    body = _body(it, schemas)
    answers = "".join(_answer(status, told) for status, told in it["responses"].items())
    return (
        f'<section id="{it["operationId"]}"><h3>{escape(it["summary"])}</h3>'
        f'<p class="call">{_badge(method)}<code>{escape(path)}</code></p>'
        f"{_paragraphs(it['description'])}{_table('In the address', asked)}{body}"
        f'<table class="answers"><caption>Answers</caption>{answers}</table></section>'
    )


def _body(it: Json, schemas: Json) -> str:
    if "requestBody" not in it:
        return ""
    schema = _content(it["requestBody"])
    shape = schemas[schema["$ref"].rpartition("/")[2]]
    return _table("Body, as JSON", _fields(shape)) or "<p>The body may be empty.</p>"


def _answer(status: str, told: Json) -> str:
    shape = f" {_kind(_content(told))}" if "content" in told else ""
    good = "good" if status.startswith("2") else "bad"
    text = f"{_inline(told['description'])}{shape}"
    return f'<tr><th scope="row" class="{good}">{status}</th><td>{text}</td></tr>'


def _content(told: Json) -> Json:
    [each] = told["content"].values()
    schema: Json = each["schema"]
    return schema


# --- shapes --------------------------------------------------------------------------------------


def _model(name: str, schema: Json) -> str:
    fields = _table("", _fields(schema)) or f"<p>{_kind(schema)}</p>"
    about = _paragraphs(schema.get("description", ""))
    return f'<section id="shape-{name}"><h3>{escape(name)}</h3>{about}{fields}</section>'


def _fields(schema: Json) -> list[str]:
    needed = schema.get("required", ())
    properties = schema.get("properties", {})
    return [_row(name, each, name in needed, each) for name, each in properties.items()]


def _row(name: str, schema: Json, needed: bool, told: Json) -> str:
    about = [_inline(told["description"]).rstrip(".")] if "description" in told else []
    about += [escape(limit) for limit in _limits(schema)]
    if "default" in schema and isinstance(schema["default"], str | int) and schema["default"] != "":
        about.append(f"else <code>{escape(str(schema['default']))}</code>")
    need = ' <b title="needed">*</b>' if needed else ""
    return (
        f'<tr><th scope="row"><code>{escape(name)}</code>{need}</th>'
        f"<td>{_kind(schema)}</td><td>{'; '.join(about)}</td></tr>"
    )


def _limits(schema: Json) -> list[str]:
    names = {
        "maxLength": "at most {} characters",
        "maxItems": "at most {} of them",
        "minimum": "from {}",
        "exclusiveMinimum": "more than {}",
        "maximum": "to {}",
        "exclusiveMaximum": "less than {}",
    }
    plain = [schema, *(schema.get("anyOf") or ())]
    return [text.format(each[key]) for each in plain for key, text in names.items() if key in each]


def _kind(schema: Json) -> str:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f'<a href="#shape-{name}">{escape(name)}</a>'
    if "anyOf" in schema and "properties" not in schema:
        return " or ".join(_kind(each) for each in schema["anyOf"])
    if "enum" in schema:
        return ", ".join(f"<code>{escape(str(value))}</code>" for value in schema["enum"] if value)
    if schema.get("type") == "array":
        return f"list of {_kind(schema['items'])}"
    named = {"string": "text", "integer": "whole number", "boolean": "true or false"}
    kind = schema.get("format") or schema.get("type") or "anything"
    return escape(named.get(str(kind), str(kind)))


# --- text ----------------------------------------------------------------------------------------


def _table(caption: str, rows: Iterable[str]) -> str:
    inside = "".join(rows)
    head = f"<caption>{caption}</caption>" if caption else ""
    return f'<div class="wide"><table>{head}{inside}</table></div>' if inside else ""


def _badge(method: str) -> str:
    return f'<span class="method {method.lower()}">{method}</span>'


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{_inline(part)}</p>" for part in text.split("\n\n") if part.strip())


def _inline(text: str) -> str:
    linked = LINK.sub(r'<a href="\2">\1</a>', escape(text.strip(), quote=False))
    return CODE.sub(r"<code>\1</code>", linked)
