"""The widget's own files over HTTP."""

from __future__ import annotations

import gzip
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from adapters.webchat import files
from bridge.web import application


@pytest.fixture
async def web() -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=application(files.routes()))
    async with httpx.AsyncClient(transport=transport, base_url="http://desk.test") as client:
        client.headers.pop("accept-encoding")
        yield client


async def test_all_modules_are_served_as_one_that_imports_nothing(web: httpx.AsyncClient) -> None:
    reply = await web.get("/webchat/widget/main.js")
    assert reply.status_code == 200
    assert not re.search(r"^import ", reply.text, re.MULTILINE)
    assert re.findall(r"^export .*", reply.text, re.MULTILINE) == ["export { start };"]
    assert (await web.get("/webchat/widget/view.js")).status_code == 404


def test_each_module_stands_once_and_behind_what_it_imports(tmp_path: Path) -> None:
    (tmp_path / "widget.js").write_text("import('widget/main.js')\n")
    main = "import { a } from './a.js';\nimport { b } from './b.js';\n  // why\n  a(b);\n"
    (tmp_path / "main.js").write_text(main)
    (tmp_path / "a.js").write_text("import { b } from './b.js';\nexport function a() {}\n")
    (tmp_path / "b.js").write_text("export const b = 1;\n")
    joined = b"const b = 1;\nfunction a() {}\na(b);\nexport { start };\n"
    assert files.bundle(tmp_path) == joined
    assert list(files.load(tmp_path)) == ["widget.js", "main.js"]


async def test_the_loader_has_an_address_of_its_own_and_may_be_used_by_any_site(
    web: httpx.AsyncClient,
) -> None:
    reply = await web.get("/webchat/widget.js")
    assert reply.content == files.sent(files.WIDGET / "widget.js")
    assert reply.headers["content-type"] == "text/javascript; charset=utf-8"
    assert reply.headers["cache-control"] == "no-cache"
    assert reply.headers["access-control-allow-origin"] == "*"
    assert reply.headers["cross-origin-resource-policy"] == "cross-origin"
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert re.fullmatch(r'"[0-9a-f]{32}"', reply.headers["etag"])
    assert "content-encoding" not in reply.headers


async def test_what_is_known_already_is_304(web: httpx.AsyncClient) -> None:
    etag = (await web.get("/webchat/widget.js")).headers["etag"]
    for known in (etag, f"W/{etag}", f'"other", {etag}'):
        reply = await web.get("/webchat/widget.js", headers={"If-None-Match": known})
        assert (reply.status_code, reply.content, reply.headers["etag"]) == (304, b"", etag)
    changed = await web.get("/webchat/widget.js", headers={"If-None-Match": '"other"'})
    assert changed.status_code == 200


async def test_who_takes_gzip_gets_gzip_and_caches_are_told(web: httpx.AsyncClient) -> None:
    request = web.build_request("GET", "/webchat/widget.js", headers={"Accept-Encoding": "gzip"})
    reply = await web.send(request, stream=True)
    packed = b"".join([chunk async for chunk in reply.aiter_raw()])
    assert reply.headers["content-encoding"] == "gzip"
    assert reply.headers["vary"] == "Accept-Encoding"
    assert gzip.decompress(packed) == files.sent(files.WIDGET / "widget.js")
    assert int(reply.headers["content-length"]) == len(packed)


@pytest.mark.parametrize(
    "path",
    [
        "nothing.js",
        "../channel.py",
        "..%2Fchannel.py",
        "%2e%2e%2fsessions.py",
        "....//channel.py",
        "%2Fetc%2Fpasswd",
        "widget.js/../../channel.py",
        "",
    ],
)
async def test_nothing_else_is_served(web: httpx.AsyncClient, path: str) -> None:
    reply = await web.get(httpx.URL("http://desk.test/webchat/widget/" + path))
    assert reply.status_code == 404
    assert b"import" not in reply.content


async def test_files_are_only_read(web: httpx.AsyncClient) -> None:
    assert (await web.post("/webchat/widget.js")).status_code == 405
    assert (await web.head("/webchat/widget.js")).status_code == 200
