"""The document says what the API does: a generator of requests finds nothing that it does not."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE, STDOUT
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator, validate

from tests.bridge.running import (
    BEARER,
    UNLIMITED,
    Running,
    configured,
    in_file,
    running,
    served,
    with_bot,
)

MAY_DELETE = f"{UNLIMITED}[agents]\nmay_delete = true\n"

STREAMS = ("--exclude-path", "/v1/stream")


async def document(desk: Running) -> dict[str, Any]:
    answer = await desk.client.get("/openapi.json")
    assert answer.headers["content-type"] == "application/json"
    found: dict[str, Any] = answer.json()
    return found


async def test_the_document_is_one_of_openapi_3_1(tmp_path: Path) -> None:
    async with running(configured(in_file(tmp_path), tmp_path)) as desk:
        validate(await document(desk), cls=OpenAPIV31SpecValidator)


async def test_every_route_is_in_the_document_and_wants_a_key(tmp_path: Path) -> None:
    async with running(configured(in_file(tmp_path), tmp_path)) as desk:
        told = (await document(desk))["paths"]
        calls = [(path, method) for path, methods in told.items() for method in methods]
        paths = {getattr(each, "path", "") for each in desk.process.now.routes}
        routes = {path.replace(":path}", "}") for path in paths if path.startswith("/v1")}
        assert routes == set(told)
        for path, method in calls:
            filled = path.replace("{", "").replace("}", "")
            answer = await desk.client.request(method, filled)
            assert answer.status_code == 401, (method, path)


async def test_another_method_is_told_which_there_are(tmp_path: Path) -> None:
    async with running(configured(in_file(tmp_path), tmp_path)) as desk:
        answer = await desk.client.put("/v1/conversations/x")
        assert (answer.status_code, answer.json()["error"]["code"]) == (405, "method_not_allowed")
        assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD", "DELETE"}
        assert (await desk.client.head("/v1/agents", headers=BEARER)).status_code == 200


CONFIG = """
[[operations]]
include-name = "GET /v1/reports"
checks.positive_data_acceptance.expected-statuses = [
  "2xx", "401", "403", "404", "409", "422", "429", "5xx"
]
"""
"""How long a report may reach back, and that it begins before it ends, no schema can say."""
SLOWEST = "300"
"""Seconds in which an answer must come: else ten, and a machine may stand still for longer."""


async def generate(base: str, folder: Path, *arguments: str) -> None:
    """Raises with what the generator has found."""
    (folder / "schemathesis.toml").write_text(CONFIG, "utf-8")
    command = [sys.executable, "-m", "schemathesis.cli", "run", f"{base}/openapi.json"]
    fixed = ["--url", base, "--checks", "all", "--seed", "1", "--generation-database", "none"]
    slow = ["--request-timeout", SLOWEST, "--max-response-time", SLOWEST]
    process = await asyncio.create_subprocess_exec(
        *command, *fixed, *slow, "--no-color", *arguments, stdout=PIPE, stderr=STDOUT, cwd=folder
    )
    said = (await process.communicate())[0].decode()
    assert process.returncode == 0, said


@pytest.mark.timeout(600)
async def test_generated_requests_find_nothing(tmp_path: Path) -> None:
    settings = configured(in_file(tmp_path), tmp_path, MAY_DELETE, **with_bot())
    key = f"Authorization: {BEARER['Authorization']}"
    async with served(settings) as it:
        phases = "coverage,fuzzing,stateful"
        await generate(it.base, tmp_path, "-H", key, "--phases", phases, "-n", "2", *STREAMS)
        await generate(it.base, tmp_path, "--phases", "fuzzing", "-n", "1", *STREAMS)
