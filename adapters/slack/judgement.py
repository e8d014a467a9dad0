"""What Slack's answers mean for `deskbridge check`, and the remedy of each. Pure.

Names of errors are Slack's (docs.slack.dev/reference/methods). Pages are those of
https://api.slack.com/apps, as they are called there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any

import orjson

from bridge.findings import Check, Finding
from bridge.judgement import SET_CLOCK, SKEW

APPS = "https://api.slack.com/apps"
APP = f"{APPS} → your app"
DESK = Check("slack", "Slack")
TOKEN = Check("slack.token", "Slack: token")
SCOPES = Check("slack.scopes", "Slack: scopes")
CLOCK = Check("slack.clock", "Slack: clock")
CHANNEL = Check("slack.channel", "Slack: channel")
GROUPS = Check("slack.groups", "Slack: user groups")
PEOPLE = Check("slack.people", "Slack: people")
NO_SUCH_PERSON = frozenset({"user_not_found", "user_not_visible", "users_not_found"})
NO_SUCH_GROUP = frozenset({"no_such_subteam", "subteam_not_found"})
HISTORY = Check("slack.history", "Slack: history")
SIGNING = Check("slack.signing", "Slack: signing")
SOCKET = Check("slack.socket", "Slack: Socket Mode")

CHANNEL_ID = re.compile(r"[CG][A-Z0-9]{6,}")
NO_ANSWER = "no_answer"


@dataclass(frozen=True, slots=True)
class Said:
    """What one call of the Web API said. `error` is Slack's name of it, or `no_answer` with the
    `reason`; `scopes` those of the token, None when they were not told; `skew` Slack's clock minus
    ours in seconds."""

    answer: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""
    reason: str = ""
    scopes: frozenset[str] | None = None
    skew: float | None = None


NEW_TOKEN = f"Copy the Bot User OAuth Token (xoxb-…) from {APP} → OAuth & Permissions into {{name}}"
INSTALL = f"Install the app again at {APP} → Install App, and copy its new token into {{name}}"
LATER = "Wait a minute, and run deskbridge check again"
ERRORS: Mapping[str, tuple[str, str]] = {
    "invalid_auth": ("Slack does not know the token", NEW_TOKEN),
    "not_authed": ("the token is empty", NEW_TOKEN),
    "not_allowed_token_type": ("the token is of another kind", NEW_TOKEN),
    "token_revoked": ("the token was revoked", INSTALL),
    "account_inactive": ("the app was removed from the workspace", INSTALL),
    "token_expired": (
        "the token has expired: rotation is on",
        f"Make a new app at {APPS} from deskbridge manifest, and copy its token into {{name}}",
    ),
    "team_access_not_granted": (
        "the app is not allowed into this workspace",
        "Ask an administrator to approve the app: https://slack.com/apps → Manage → App approval",
    ),
    "ratelimited": ("Slack was asked too often", LATER),
    "internal_error": ("Slack has a fault of its own", LATER),
    "fatal_error": ("Slack has a fault of its own", LATER),
    "service_unavailable": ("Slack is not available", "See https://slack-status.com, and wait"),
}
"""By Slack's name: what it means for a token, and the remedy; `name` is the setting."""


def of_error(check: Check, said: Said, name: str, api_url: str) -> Finding:
    if said.error == NO_ANSWER:
        return check.failed(
            f"{api_url}: {said.reason}",
            "Let this machine reach it (firewall, DNS, certificates), or correct SLACK_API_URL",
        )
    found, remedy = ERRORS.get(said.error, (f"Slack refuses: {said.error}", NEW_TOKEN))
    return check.failed(found, remedy.format(name=name))


# --- who we are ----------------------------------------------------------------------------------


def without_desk() -> Finding:
    return DESK.warning(
        "no workspace: nobody sees what customers write",
        "Set SLACK_BOT_TOKEN, SLACK_APP_TOKEN and SLACK_CHANNEL; the README says where they are",
    )


def of_token(said: Said, api_url: str) -> Finding:
    if said.error:
        return of_error(TOKEN, said, "SLACK_BOT_TOKEN", api_url)
    if not said.answer.get("bot_id"):
        return TOKEN.failed("it is a person's token, not the bot's", _named(NEW_TOKEN))
    return TOKEN.ok(f"@{said.answer.get('user')} in {said.answer.get('team')}")


def _named(remedy: str) -> str:
    return remedy.format(name="SLACK_BOT_TOKEN")


def of_scopes(granted: frozenset[str] | None, needed: Iterable[str]) -> Finding:
    """`needed` is what manifest.yml asks for."""
    if granted is None:
        return SCOPES.warning(
            "Slack did not say which the token has", f"Compare manifest.yml with {APP} → OAuth"
        )
    missing, more = sorted(set(needed) - granted), sorted(granted - set(needed))
    page = f"{APP} → OAuth & Permissions → Bot Token Scopes"
    if missing:
        return SCOPES.failed(
            f"missing: {', '.join(missing)}",
            f"Add {', '.join(missing)} at {page}, then Reinstall to Workspace",
        )
    if more:
        return SCOPES.warning(
            f"not needed: {', '.join(more)}",
            f"Remove {', '.join(more)} at {page}, then Reinstall to Workspace",
        )
    return SCOPES.ok("exactly those of manifest.yml")


def of_clock(skew: float) -> Finding:
    """Signatures are good for five minutes, so that a wrong clock shuts Slack out."""
    if abs(skew) < SKEW:
        return CLOCK.ok(f"{abs(skew):.0f} s from Slack's")
    side = "behind" if skew > 0 else "ahead of"
    found = f"this machine is {abs(skew):.0f} s {side} Slack; past 300 s no request is accepted"
    return CLOCK.failed(found, SET_CLOCK)


# --- the channel ---------------------------------------------------------------------------------


def of_channel_name(channel: str, setting: str) -> Finding | None:
    """None: it may be an id."""
    if CHANNEL_ID.fullmatch(channel):
        return None
    return CHANNEL.failed(
        f"{setting} is no channel's id",
        f"Open the channel's details in Slack, copy the id at their end (C…) into {setting}",
    )


def of_channel(said: Said, channel: str, bot: str, setting: str, api_url: str) -> Finding:
    """`said`: conversations.info; `bot`: our name in Slack."""
    if said.error == "missing_scope":
        return CHANNEL.skipped(SCOPES.title)
    if said.error == "channel_not_found":
        return CHANNEL.failed(
            f"{channel} is not in this workspace, or private and @{bot} is not in it",
            f"Write /invite @{bot} in the channel, or copy another channel's id into {setting}",
        )
    if said.error:
        return of_error(CHANNEL, said, "SLACK_BOT_TOKEN", api_url)
    about = said.answer.get("channel")
    return _of_known_channel(about if isinstance(about, dict) else {}, bot, setting)


def _of_known_channel(about: Mapping[str, Any], bot: str, setting: str) -> Finding:
    name = f"#{about.get('name')}"
    if about.get("is_im") or about.get("is_mpim"):
        return CHANNEL.failed("direct messages, not a channel", f"Name a channel in {setting}")
    if about.get("is_archived"):
        return CHANNEL.failed(
            f"{name} is archived",
            f"Unarchive it (its details → Settings → Unarchive), or name another one in {setting}",
        )
    if not about.get("is_member"):
        return CHANNEL.failed(f"@{bot} is not in {name}", f"Write /invite @{bot} in {name}")
    if about.get("is_read_only") or about.get("is_thread_only"):
        return CHANNEL.failed(
            f"{name} is closed for posts",
            f"Let everyone post in {name} (its details → Settings → Posting permissions)",
        )
    return _of_usable_channel(about, name, setting)


def _of_usable_channel(about: Mapping[str, Any], name: str, setting: str) -> Finding:
    kind = "private" if about.get("is_private") else "public"
    if about.get("is_ext_shared") or about.get("is_pending_ext_shared"):
        return CHANNEL.warning(
            f"{name}, {kind}, is shared with another company, which reads what customers write",
            f"Make a channel of your own, /invite the app to it, and name it in {setting}",
        )
    if about.get("is_general"):
        return CHANNEL.warning(
            f"{name} is everybody's, so everybody may answer customers",
            f"Make a channel for the team, /invite the app to it, and name it in {setting}",
        )
    return CHANNEL.ok(f"{name}, {kind}, the app is in it")


def of_queue(finding: Finding, queue: str) -> Finding:
    """What was found of a queue's own channel."""
    return replace(finding, id=f"{CHANNEL.id}.{queue}", title=f"{CHANNEL.title} of {queue}")


def of_alerts(finding: Finding, place: str) -> Finding:
    """What was found of a channel in which alerts are told."""
    return replace(finding, id=f"slack.alerts.{place}", title=f"Slack: alerts for {place}")


def of_audit(finding: Finding) -> Finding:
    """The same of the one that gets the heads of the audit trail."""
    return replace(finding, id="slack.audit", title="Slack: heads of the audit trail")


def of_approvals(finding: Finding) -> Finding:
    """What was found of the channel in which drafts are asked about."""
    return replace(finding, id="slack.approvals", title="Slack: approvals")


def of_groups(said: Mapping[str, Said], api_url: str) -> Finding:
    """`said`: usergroups.users.list, by the group that the settings name."""
    errors = {group: each.error for group, each in said.items() if each.error}
    if "missing_scope" in errors.values():
        return GROUPS.skipped(SCOPES.title)
    unknown = sorted(group for group, error in errors.items() if error in NO_SUCH_GROUP)
    if unknown:
        return GROUPS.failed(
            f"{', '.join(unknown)}: no user group of this workspace",
            "Copy the id of a group that there is (People → User groups → ⋯) into the settings",
        )
    for group in errors:
        return of_error(GROUPS, said[group], "SLACK_BOT_TOKEN", api_url)
    empty = sorted(group for group, each in said.items() if not each.answer.get("users"))
    if empty:
        return GROUPS.warning(f"nobody is in {', '.join(empty)}", "Add people to it in Slack")
    people = {user for each in said.values() for user in each.answer["users"]}
    return GROUPS.ok(f"{len(said)}, {len(people)} people in all")


def of_people(said: Mapping[str, Said], full: Callable[[object], bool], api_url: str) -> Finding:
    """`said`: users.info, by the person whom the settings name; `full`: whether who it tells of may
    speak to customers."""
    errors = {person: each.error for person, each in said.items() if each.error}
    if "missing_scope" in errors.values():
        return PEOPLE.skipped(SCOPES.title)
    unknown = sorted(person for person, error in errors.items() if error in NO_SUCH_PERSON)
    if unknown:
        return PEOPLE.failed(
            f"{', '.join(unknown)}: nobody of this workspace",
            "Copy the id of somebody else (a profile → ⋮ → Copy member ID) into the settings",
        )
    for person in errors:
        return of_error(PEOPLE, said[person], "SLACK_BOT_TOKEN", api_url)
    strange = sorted(person for person, each in said.items() if not full(each.answer.get("user")))
    if strange:
        return PEOPLE.warning(
            f"{', '.join(strange)}: a guest, a bot, of another workspace, or gone: no member here",
            "Name somebody else in the settings, or make them full members in Slack",
        )
    return PEOPLE.ok(f"{len(said)}, all full members of the workspace")


def of_history(said: Said) -> Finding:
    """`said`: conversations.history of long ago. `is_limited` is what a free plan's history says
    of what it hides: all that is older than 90 days."""
    if said.error:
        return HISTORY.skipped(SCOPES.title if said.error == "missing_scope" else CHANNEL.title)
    if said.answer.get("is_limited"):
        return HISTORY.warning(
            "Slack hides what is older than 90 days (free plan); Deskbridge keeps its own record",
            "Nothing must be done; a paid plan shows old threads again",
        )
    return HISTORY.ok("can be read; no limit is seen")


# --- how Slack reaches us ------------------------------------------------------------------------


def of_socket(said: Said, api_url: str) -> Finding:
    """`said`: apps.connections.open with the app-level token."""
    page = f"{APP} → Basic Information → App-Level Tokens"
    if not said.error:
        return SOCKET.ok("Slack opens connections")
    if said.error == NO_ANSWER:
        return of_error(SOCKET, said, "SLACK_APP_TOKEN", api_url)
    if said.error == "missing_scope":
        return SOCKET.failed(
            "the token lacks connections:write",
            f"Make a token with connections:write at {page}, and copy it into SLACK_APP_TOKEN",
        )
    if said.error in {"invalid_auth", "not_authed", "not_allowed_token_type", "token_revoked"}:
        return SOCKET.failed(
            f"it is no valid app-level token ({said.error})",
            f"Copy the token that begins with xapp- from {page} into SLACK_APP_TOKEN",
        )
    return SOCKET.failed(
        f"Slack refuses: {said.error}", f"Switch it on at {APP} → Socket Mode → Enable Socket Mode"
    )


def of_silence(url: str, reason: str) -> Finding:
    """Nothing came back from our own address."""
    return SIGNING.failed(
        f"{url}: {reason}",
        "Start it (deskbridge serve), and make PUBLIC_URL the https:// address that leads to it; "
        "or set SLACK_APP_TOKEN: Socket Mode needs no address",
    )


def of_local_url(url: str) -> Finding:
    return SIGNING.failed(
        f"{url} is this machine's own address, which Slack cannot reach",
        "Set PUBLIC_URL to an https:// address that leads here (a proxy, a tunnel), and put it at "
        f"{APP} → Event Subscriptions; or set SLACK_APP_TOKEN: Socket Mode needs no address",
    )


def of_round_trip(url: str, status: int, body: bytes, challenge: str) -> Finding:
    """What our own address said to a request that we had signed as Slack does."""
    if status == HTTPStatus.OK and _challenge(body) == challenge:
        return SIGNING.ok(f"{url} takes what is signed with SLACK_SIGNING_SECRET")
    if status == HTTPStatus.UNAUTHORIZED:
        return SIGNING.failed(
            f"{url} refuses SLACK_SIGNING_SECRET: it runs with another one, or its clock is wrong",
            f"Copy the Signing Secret from {APP} → Basic Information into SLACK_SIGNING_SECRET "
            "there and here, restart deskbridge serve, and compare the clocks",
        )
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return SIGNING.failed(
            f"{url} answers {status}: the proxy is there, Deskbridge is not",
            "Start deskbridge serve, and let the proxy lead to its --host and --port",
        )
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return SIGNING.failed(
            f"{url} leads elsewhere ({status})", "Set PUBLIC_URL to the address it leads to"
        )
    return SIGNING.failed(
        f"{url} answers {status}, and not as Deskbridge does",
        "Let the proxy pass POST /slack/events on unchanged, to a deskbridge serve with the Slack "
        "settings and the role all or web; PUBLIC_URL is the address without /slack/events",
    )


def _challenge(body: bytes) -> object:
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        return body.decode("utf-8", "replace").strip()
    return answer.get("challenge") if isinstance(answer, dict) else answer
