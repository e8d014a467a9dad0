"""docs/botpress.md has every route, and every option of Botpress' files."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace

from bridge.api import botpress
from bridge.importing import READERS

PAGE = (Path(__file__).parents[2] / "docs" / "botpress.md").read_text("utf-8")
ROUTE = re.compile(r"(?:`GET` and )?`(?:GET|POST) [\w{}/-]+`")


def listed() -> set[tuple[str, str]]:
    found = set()
    for text in ROUTE.findall(PAGE):
        method, path = text.split("`")[-2].split(" ")
        found |= {(method, path)} | ({("GET", path)} if text.startswith("`GET` and") else set())
    return found


def test_every_route_is_listed_and_no_other() -> None:
    nothing = SimpleNamespace(settings=None, lists=None, hooks=None)
    made = botpress.calls(None, nothing, nothing, (), None)  # type: ignore[arg-type]
    prefix = re.compile(r"^/api/v1/bots/{botId}/mod/")
    routes = {(call.method, prefix.sub("", call.path).replace(":path}", "}")) for call in made}
    elsewhere = {("POST", "/v1/webhooks"), ("GET", "/v1/stream")}
    assert listed() - elsewhere == routes


def test_every_option_of_the_files_is_listed() -> None:
    table = PAGE.split("## The API of v12")[0]
    names = [name for readers in READERS.values() for name in readers]
    assert [name for name in names if f"`{name}`" not in table] == []
