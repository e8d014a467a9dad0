"""`response_url`s: at most five uses in thirty minutes, each may answer, replace or delete."""

from dataclasses import dataclass

from sandbox.slack.authorship import app_message, fill_block_ids
from sandbox.slack.config import Json
from sandbox.slack.errors import SlackError
from sandbox.slack.limits import check_blocks
from sandbox.slack.model import Channel, Message
from sandbox.slack.posting import (
    delete,
    edit,
    post,
    post_ephemeral,
    remove_ephemeral,
    tell_ephemeral,
)
from sandbox.slack.textcode import settle
from sandbox.slack.workspace import Workspace

MAX_USES = 5
KEPT = 5_000


@dataclass(slots=True)
class Hook:
    """Where an interaction happened, whose it was, and the message it came from, if any."""

    kind: str
    user: str
    channel: str
    original: Message | None
    expires: float
    uses: int = 0


class Hooks:
    """The response URLs handed out; old ones are forgotten."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._known: dict[str, Hook] = {}

    def new(self, kind: str, user: str, channel: str, original: Message | None = None) -> str:
        """A response URL; `kind` is `commands` or `actions`."""
        workspace = self._workspace
        secret = workspace.ids.letters(24)
        expires = workspace.clock.time() + workspace.config.response_url_lifetime
        if len(self._known) >= KEPT:
            del self._known[next(iter(self._known))]
        self._known[secret] = Hook(kind, user, channel, original, expires)
        return f"{workspace.base_url}/hooks/{kind}/{workspace.team.id}/{secret}"

    def use(self, secret: str, body: Json) -> None:
        """Carry out one use; SlackError `used_url`, `expired_url` or what is wrong in the body."""
        hook = self._known.get(secret)
        if hook is None or self._workspace.clock.time() > hook.expires:
            raise SlackError("expired_url")
        if hook.uses >= MAX_USES:
            raise SlackError("used_url")
        hook.uses += 1
        apply(self._workspace, hook, body)


def apply(workspace: Workspace, hook: Hook, body: Json) -> None:
    """Do what an answer to an interaction asks for."""
    original = hook.original
    if body.get("delete_original"):
        if original is not None:
            _remove(workspace, original)
        return
    blocks = _blocks(workspace, body)
    text = settle(str(body.get("text") or ""))
    if not text and not blocks and not body.get("attachments"):
        raise SlackError("no_text")
    if body.get("replace_original") and original is not None:
        _replace(workspace, original, text, blocks)
        return
    _publish(workspace, hook, body, text, blocks)


def _blocks(workspace: Workspace, body: Json) -> list[Json] | None:
    blocks = body.get("blocks")
    if not blocks:
        return None
    if not isinstance(blocks, list):
        raise SlackError("invalid_blocks_format")
    if workspace.config.validate:
        problems = check_blocks(blocks)
        if problems:
            raise SlackError("invalid_blocks", messages=problems)
    return fill_block_ids(workspace, blocks)


def _remove(workspace: Workspace, original: Message) -> None:
    if original.ephemeral_to is not None:
        remove_ephemeral(workspace, original)
    elif not original.deleted:
        delete(workspace, original)


def _replace(workspace: Workspace, original: Message, text: str, blocks: list[Json] | None) -> None:
    def change(message: Message) -> None:
        message.text, message.blocks = text, blocks

    if original.ephemeral_to is not None:
        change(original)
        tell_ephemeral(workspace, original)
    elif not original.deleted:
        edit(workspace, original, change, mark=None if blocks else workspace.app.bot_user)


def _publish(
    workspace: Workspace, hook: Hook, body: Json, text: str, blocks: list[Json] | None
) -> None:
    channel = workspace.channels[hook.channel]
    draft = app_message(workspace, channel, text, blocks)
    draft.thread_ts = body.get("thread_ts")
    if body.get("response_type") == "in_channel":
        post(workspace, channel, draft)
        return
    shown = post_ephemeral(workspace, channel, hook.user, draft)
    if hook.original is None:
        hook.original = shown


def answered(workspace: Workspace, channel: Channel, user: str, body: Json) -> None:
    """Show what the app answered to a command directly in its response."""
    apply(workspace, Hook("commands", user, channel.id, None, 0.0), body)
