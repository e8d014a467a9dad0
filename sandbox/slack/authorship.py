"""Drafts of the app's own messages."""

from sandbox.slack.config import Json
from sandbox.slack.model import Channel, Message
from sandbox.slack.workspace import Workspace


def app_message(
    workspace: Workspace, channel: Channel, text: str, blocks: list[Json] | None = None
) -> Message:
    """A message of the app's bot user, its ts set, not yet posted."""
    app = workspace.app
    return Message(
        workspace.next_ts(channel), channel.id, text, user=app.bot_user, bot_id=app.bot_id,
        app_id=app.id, blocks=blocks,
    )  # fmt: skip


def customise(message: Message, username: str | None, icons: Json | None) -> None:
    """Give a message another name or picture: Slack then shows a `bot_message` of no user."""
    if username or icons:
        message.subtype = "bot_message"
        message.user = None
        message.username = username
        message.icons = icons


def fill_block_ids(workspace: Workspace, blocks: list[Json]) -> list[Json]:
    """Give each block (and interactive element) the id that Slack makes up where it has none."""
    ids = workspace.ids
    filled = []
    for block in blocks:
        elements = block.get("elements")
        if block.get("type") == "actions" and isinstance(elements, list):
            named = [e if e.get("action_id") else {**e, "action_id": ids.block()} for e in elements]
            block = {**block, "elements": named}  # noqa: PLW2901 - the caller's block stays as is
        filled.append(block if block.get("block_id") else {**block, "block_id": ids.block()})
    return filled
