"""Slack's part of `deskbridge check`, before a real workspace in which each thing goes wrong."""

from __future__ import annotations

import contextlib
import copy
import time
from collections.abc import AsyncIterator, Callable
from email.utils import formatdate
from pathlib import Path
from typing import Any

import orjson
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

import adapters.slack
from bridge.findings import Finding, Status
from bridge.ports import Diagnoses, Patient
from bridge.settings import Settings
from sandbox.slack import membership, seed
from tests.adapters.slack.world import SECRET, TOKEN, Stage, World, now, served, world
from tests.servers import free_port

APP_TOKEN = "xapp-test"
Found = dict[str, Finding]
Env = dict[str, str]


def environment(slack: World, **changes: str) -> Env:
    given = {
        "SLACK_BOT_TOKEN": TOKEN,
        "SLACK_SIGNING_SECRET": SECRET,
        "SLACK_CHANNEL": seed.ORDERS,
        "SLACK_API_URL": f"{slack.base}/api/",
        "PUBLIC_URL": slack.url,
    }
    return given | changes


async def diagnosed(env: Env, file: Path | None = None) -> Found:
    settings, faults = Settings.examine(env, file)
    assert isinstance(adapters.slack.desk, Diagnoses)
    found = await adapters.slack.desk.diagnose(Patient(settings, faults, now))
    assert all(each.remedy for each in found if each.status in {Status.FAILED, Status.WARNING})
    text = repr(found)
    assert not any(secret in text for secret in (TOKEN, SECRET, APP_TOKEN))
    return {each.id: each for each in found}


async def check(slack: World, **changes: str) -> Found:
    return await diagnosed(environment(slack, **changes))


def states(found: Found) -> dict[str, str]:
    return {name.removeprefix("slack."): each.status.value for name, each in found.items()}


WELL = dict.fromkeys(("token", "scopes", "channel", "history", "clock", "signing"), "ok")


# --- when all is well ----------------------------------------------------------------------------


async def test_a_desk_that_is_well_is_well_in_all_parts(slack: World) -> None:
    found = await check(slack)
    assert states(found) == WELL
    assert found["slack.token"].found == "@deskbridge in Northwind"
    assert found["slack.channel"].found == "#desk-orders, public, the app is in it"


async def test_nothing_is_posted_and_nothing_is_taken(slack: World) -> None:
    await check(slack)
    methods = {each["method"] for each in slack.box.calls.entries()}
    assert methods == {"auth.test", "conversations.info", "conversations.history"}
    assert slack.bridge.commands == []


async def test_without_a_token_there_is_no_desk_and_that_is_said() -> None:
    found = await diagnosed({})
    assert states(found) == {"slack": "warning"}
    assert "SLACK_BOT_TOKEN, SLACK_APP_TOKEN and SLACK_CHANNEL" in found["slack"].remedy


# --- the token -----------------------------------------------------------------------------------

NO_TOKEN = WELL | {
    "token": "failed", "scopes": "skipped", "channel": "skipped", "history": "skipped",
}  # fmt: skip


async def test_a_revoked_token_is_to_be_had_by_installing_again(slack: World) -> None:
    slack.box.revoked.add(TOKEN)
    found = await check(slack)
    assert states(found) == NO_TOKEN
    assert "→ Install App, and copy its new token" in found["slack.token"].remedy
    assert found["slack.channel"].found == "not looked at, because of Slack: token"


async def test_a_token_that_slack_does_not_know_is_to_be_copied(slack: World) -> None:
    found = await check(slack, SLACK_BOT_TOKEN="xoxb-other")
    assert states(found) == NO_TOKEN
    assert "OAuth & Permissions into SLACK_BOT_TOKEN" in found["slack.token"].remedy


async def test_a_slack_that_cannot_be_reached_hides_nothing_else(slack: World) -> None:
    url = f"http://127.0.0.1:{free_port()}/api/"
    found = await check(slack, SLACK_API_URL=url)
    expected = dict(NO_TOKEN)
    del expected["clock"]  # nobody told the time
    assert states(found) == expected
    assert found["slack.token"].found == f"{url}: nothing listens there"
    assert "SLACK_API_URL" in found["slack.token"].remedy


async def test_what_is_no_slack_is_no_slack(slack: World) -> None:
    found = await check(slack, SLACK_API_URL=f"{slack.url}/nothing/")
    assert "it answers 404, and not as Slack does" in found["slack.token"].found


async def test_an_address_with_a_fault_is_not_asked_and_no_token_goes_elsewhere() -> None:
    found = await diagnosed({"SLACK_BOT_TOKEN": TOKEN, "SLACK_API_URL": "slack"})
    assert states(found) == {"slack": "skipped"}
    assert found["slack"].found == "not looked at, because of SLACK_API_URL"


# --- scopes --------------------------------------------------------------------------------------


def with_scopes(manifest: dict[str, Any], change: Callable[[list[str]], object]) -> dict[str, Any]:
    changed = copy.deepcopy(manifest)
    change(changed["oauth_config"]["scopes"]["bot"])
    return changed


async def test_a_missing_scope_is_named_with_the_page(
    stages: tuple[Stage, Stage], manifest: dict[str, Any]
) -> None:
    lacking = with_scopes(manifest, lambda scopes: scopes.remove("reactions:write"))
    async with world(stages, lacking) as slack:
        found = await check(slack)
    assert states(found) == WELL | {"scopes": "failed"}
    assert found["slack.scopes"].remedy == (
        "Add reactions:write at https://api.slack.com/apps → your app → OAuth & Permissions → "
        "Bot Token Scopes, then Reinstall to Workspace"
    )


async def test_without_the_scopes_to_look_at_channels_that_is_why(
    stages: tuple[Stage, Stage], manifest: dict[str, Any]
) -> None:
    def blind(scopes: list[str]) -> None:
        scopes[:] = [each for each in scopes if not each.startswith(("channels:", "groups:"))]

    lacking = with_scopes(manifest, blind)
    async with world(stages, lacking) as slack:
        found = await check(slack)
    assert states(found) == WELL | {
        "scopes": "failed", "channel": "skipped", "history": "skipped",
    }  # fmt: skip
    assert found["slack.channel"].found == "not looked at, because of Slack: scopes"


async def test_a_scope_too_many_is_a_warning(
    stages: tuple[Stage, Stage], manifest: dict[str, Any]
) -> None:
    more = with_scopes(manifest, lambda scopes: scopes.append("pins:write"))
    async with world(stages, more) as slack:
        found = await check(slack)
    assert states(found) == WELL | {"scopes": "warning"}
    assert "Remove pins:write" in found["slack.scopes"].remedy


# --- the channel ---------------------------------------------------------------------------------


async def test_a_channel_without_the_app_wants_an_invitation(slack: World) -> None:
    found = await check(slack, SLACK_CHANNEL=seed.GENERAL)
    assert states(found) == WELL | {"channel": "failed", "history": "skipped"}
    assert found["slack.channel"].remedy == "Write /invite @deskbridge in #general"


async def test_an_archived_channel_is_to_be_unarchived(slack: World) -> None:
    workspace = slack.box.workspace
    membership.archive(workspace, workspace.channels[seed.ORDERS], seed.ANA, on=True)
    found = await check(slack)
    assert found["slack.channel"].found == "#desk-orders is archived"
    assert "Unarchive" in found["slack.channel"].remedy


async def test_a_private_channel_without_the_app_looks_as_if_it_did_not_exist(slack: World) -> None:
    secret = membership.create(slack.box.workspace, "secret", seed.ANA, private=True)
    found = await check(slack, SLACK_CHANNEL=secret.id)
    assert states(found)["channel"] == "failed"
    assert "/invite @deskbridge" in found["slack.channel"].remedy
    membership.join(slack.box.workspace, secret, seed.BOT_USER)
    found = await check(slack, SLACK_CHANNEL=secret.id)
    assert found["slack.channel"].found == "#secret, private, the app is in it"


async def test_a_channels_name_is_no_id(slack: World) -> None:
    found = await check(slack, SLACK_CHANNEL="#desk-orders")
    assert states(found) == WELL | {"channel": "failed", "history": "skipped"}
    assert "SLACK_CHANNEL is no channel's id" in found["slack.channel"].found


async def test_a_shared_channel_is_a_warning(slack: World) -> None:
    workspace = slack.box.workspace
    membership.join(workspace, workspace.channels[seed.ORDERS], seed.OSCAR)
    found = await check(slack)
    assert states(found) == WELL | {"channel": "warning"}
    assert "another company" in found["slack.channel"].found


async def test_everybodys_channel_is_a_warning(slack: World) -> None:
    workspace = slack.box.workspace
    membership.join(workspace, workspace.channels[seed.GENERAL], seed.BOT_USER)
    assert states(await check(slack, SLACK_CHANNEL=seed.GENERAL))["channel"] == "warning"


async def test_the_channels_of_queues_and_the_groups_in_the_settings_are_looked_at(
    slack: World, tmp_path: Path
) -> None:
    file = tmp_path / "desk.toml"
    file.write_text(
        f"""
        [[queues]]
        name = "default"
        members = ["S0NOBODY", "{seed.ANA}", "U0NOBODY"]
        [[queues]]
        name = "billing"
        slack_channel = "{seed.GENERAL}"
        [[queues]]
        name = "named"
        slack_channel = "#orders"
        """,
        "utf-8",
    )
    found = await diagnosed(environment(slack), file)
    assert found["slack.channel"].status is Status.OK
    assert "is not in" in found["slack.channel.billing"].found
    assert "slack_channel of the queue named" in found["slack.channel.named"].found
    assert found["slack.groups"].status in {Status.FAILED, Status.SKIPPED}
    assert found["slack.people"].found == "U0NOBODY: nobody of this workspace"
    file.write_text(f'[agents]\nadmins = ["{seed.ANA}", "{seed.GIL}"]\n', "utf-8")
    found = await diagnosed(environment(slack), file)
    assert found["slack.people"].found.startswith(f"{seed.GIL}: a guest")


async def test_where_drafts_are_asked_about_and_who_approves_them_is_looked_at(
    slack: World, tmp_path: Path
) -> None:
    file = tmp_path / "desk.toml"
    file.write_text(
        f"""
        [approvals]
        slack_channel = "{seed.GENERAL}"
        reviewers = ["default", "{seed.ANA}", "U0NOBODY1"]
        escalate_to = ["U0NOBODY2"]
        """,
        "utf-8",
    )
    found = await diagnosed(environment(slack), file)
    assert "is not in" in found["slack.approvals"].found
    assert found["slack.people"].found == "U0NOBODY1, U0NOBODY2: nobody of this workspace"
    file.write_text('[approvals]\nslack_channel = "#drafts"\n', "utf-8")
    found = await diagnosed(environment(slack), file)
    assert "slack_channel of [approvals]" in found["slack.approvals"].found


async def test_before_a_channel_is_set_all_else_is_looked_at(slack: World) -> None:
    env = environment(slack)
    del env["SLACK_CHANNEL"]
    found = await diagnosed(env)
    assert states(found) == WELL | {"channel": "skipped", "history": "skipped"}
    assert "SLACK_CHANNEL, which is not set" in found["slack.channel"].found


async def test_a_fault_of_slack_at_the_channel_is_told(slack: World) -> None:
    rule = {"kind": "error", "error": "fatal_error", "methods": ["conversations.info"]}
    slack.box.faults.install({"seed": 1, "rules": [rule]}, time.time())
    found = await check(slack)
    assert found["slack.channel"].found == "Slack has a fault of its own"


# --- our own address -----------------------------------------------------------------------------


async def test_another_signing_secret_at_the_address_is_found(slack: World) -> None:
    found = await check(slack, SLACK_SIGNING_SECRET="t" * 32)
    assert states(found) == WELL | {"signing": "failed"}
    assert "Signing Secret" in found["slack.signing"].remedy
    assert "→ Basic Information" in found["slack.signing"].remedy


async def test_an_address_where_nobody_is_needs_serve_or_socket_mode(slack: World) -> None:
    found = await check(slack, PUBLIC_URL=f"http://127.0.0.1:{free_port()}")
    assert states(found) == WELL | {"signing": "failed"}
    assert "deskbridge serve" in found["slack.signing"].remedy
    assert "SLACK_APP_TOKEN" in found["slack.signing"].remedy


async def test_without_a_signing_secret_nothing_can_be_signed(slack: World) -> None:
    found = await check(slack, SLACK_SIGNING_SECRET="")
    assert states(found) == WELL | {"signing": "skipped"}


async def test_a_public_address_with_a_fault_is_why(slack: World) -> None:
    found = await check(slack, PUBLIC_URL="desk")
    assert found["slack.signing"].found == "not looked at, because of PUBLIC_URL"


async def test_slack_itself_cannot_reach_this_machine(slack: World) -> None:
    found = await check(slack, SLACK_API_URL="http://0.0.0.0:1/api/")
    assert states(found)["signing"] == "failed"
    assert "which Slack cannot reach" in found["slack.signing"].found
    assert "PUBLIC_URL" in found["slack.signing"].remedy


@pytest.mark.parametrize(
    ("answer", "found", "remedy"),
    [
        (PlainTextResponse("no", 502), "the proxy is there", "lead to its --host and --port"),
        (RedirectResponse("https://x.example"), "leads elsewhere (307)", "Set PUBLIC_URL"),
        (PlainTextResponse("no", 404), "answers 404", "PUBLIC_URL is the address without"),
        (PlainTextResponse("hello"), "answers 200, and not as", "POST /slack/events"),
        (JSONResponse({"challenge": "stale"}), "answers 200, and not as", "POST /slack/events"),
        (JSONResponse(["challenge"]), "answers 200, and not as", "POST /slack/events"),
    ],
)
async def test_what_else_may_be_at_the_address(
    slack: World, answer: Response, found: str, remedy: str
) -> None:
    async def endpoint(_request: object) -> Response:
        return answer

    app = Starlette(routes=[Route("/slack/events", endpoint, methods=["POST"])])
    async with served(app) as url:
        signing = (await check(slack, PUBLIC_URL=url))["slack.signing"]
    assert signing.status is Status.FAILED
    assert found in signing.found
    assert remedy in signing.remedy


# --- a workspace that tells other things ---------------------------------------------------------


class Bent:
    """The workspace with another time, or with more in the answers of a method."""

    def __init__(self, app: ASGIApp, *, skew: float = 0.0, more: dict[str, Any]) -> None:
        self._app = app
        self._skew = skew
        self._more = more

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        start: Message = {}

        async def bent(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
                return
            method = scope["path"].rpartition("/")[2]
            body = orjson.dumps(orjson.loads(message["body"]) | self._more.get(method, {}))
            date = formatdate(time.time() + self._skew, usegmt=True).encode()
            kept = [pair for pair in start["headers"] if pair[0] != b"content-length"]
            length = (b"content-length", b"%d" % len(body))
            await send({**start, "headers": [*kept, length, (b"date", date)]})
            await send({**message, "body": body})

        await self._app(scope, receive, bent)


@contextlib.asynccontextmanager
async def bent(
    stages: tuple[Stage, Stage], skew: float = 0.0, **more: dict[str, Any]
) -> AsyncIterator[str]:
    app = Bent(stages[0], skew=skew, more={name.replace("_", "."): it for name, it in more.items()})
    config = uvicorn.Config(app, port=0, log_level="critical", lifespan="off", date_header=False)
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/api/"
    finally:
        await server.shutdown()


@pytest.mark.parametrize(("skew", "side"), [(90.0, "behind"), (-90.0, "ahead of")])
async def test_a_clock_that_is_wrong_shuts_slack_out(
    stages: tuple[Stage, Stage], slack: World, skew: float, side: str
) -> None:
    async with bent(stages, skew) as url:
        found = await check(slack, SLACK_API_URL=url)
    assert states(found) == WELL | {"clock": "failed"}
    assert f"{side} Slack" in found["slack.clock"].found
    assert "timedatectl set-ntp true" in found["slack.clock"].remedy


async def test_a_clock_that_is_a_little_wrong_is_well(
    stages: tuple[Stage, Stage], slack: World
) -> None:
    async with bent(stages, 45.0) as url:
        assert states(await check(slack, SLACK_API_URL=url)) == WELL


async def test_a_free_plan_shows_in_its_history(stages: tuple[Stage, Stage], slack: World) -> None:
    async with bent(stages, conversations_history={"is_limited": True}) as url:
        found = await check(slack, SLACK_API_URL=url)
    assert states(found) == WELL | {"history": "warning"}
    assert "90 days" in found["slack.history"].found


async def test_a_slack_that_does_not_tell_the_scopes_is_a_warning(
    slack: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.slack.checkup.SCOPES_HEADER", "x-not-told")
    assert states(await check(slack)) == WELL | {"scopes": "warning"}


# --- Socket Mode ---------------------------------------------------------------------------------


async def test_in_socket_mode_no_address_is_needed(
    stages: tuple[Stage, Stage], slack: World
) -> None:
    opened = {"ok": True, "error": "", "url": "wss://ticket"}
    async with bent(stages, apps_connections_open=opened) as url:
        found = await check(slack, SLACK_API_URL=url, SLACK_APP_TOKEN=APP_TOKEN)
    assert states(found) == WELL | {"socket": "ok", "signing": "skipped"}
    assert "ticket" not in repr(found)


async def test_a_wrong_app_token_is_to_be_copied(slack: World) -> None:
    found = await check(slack, SLACK_APP_TOKEN=APP_TOKEN)
    assert states(found)["socket"] == "failed"
    assert "App-Level Tokens into SLACK_APP_TOKEN" in found["slack.socket"].remedy
