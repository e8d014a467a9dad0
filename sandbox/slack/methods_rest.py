"""views.*, files.* and the methods about token, team, bots and connection."""

from types import MappingProxyType
from typing import Any

import orjson

from sandbox.slack.authorship import fill_block_ids
from sandbox.slack.config import Json
from sandbox.slack.core import Sandbox
from sandbox.slack.errors import SlackError
from sandbox.slack.limits import VIEW_BYTES, check_view
from sandbox.slack.method import Method, channel_of, must_be_member
from sandbox.slack.methods_chat import blocks_of, refuse, stored_text
from sandbox.slack.posting import thread_root
from sandbox.slack.render import bot_profile, file_info_json
from sandbox.slack.uploads import Share, remove_file
from sandbox.slack.wire import Call

ALT_LENGTH = 1000


def checked_view(box: Sandbox, call: Call, view: Any) -> Json:
    """A view with ids, refused as Slack refuses it."""
    if not isinstance(view, dict):
        raise SlackError("invalid_arguments", messages=["missing required field: view"])
    size = len(orjson.dumps(view))
    if size > VIEW_BYTES:
        raise SlackError("view_too_large")
    if box.config.validate:
        refuse(box, call, check_view(view, size), "invalid_arguments")
    return {**view, "blocks": fill_block_ids(box.workspace, view["blocks"])}


def _view(box: Sandbox, call: Call, kind: str) -> Json:
    view = checked_view(box, call, call.json("view"))
    if view["type"] != kind:
        raise SlackError("invalid_arguments", messages=[f"view must be a {kind}"])
    return view


def open_view(box: Sandbox, call: Call) -> Json:
    """Open a modal for whom the trigger belongs to."""
    trigger = box.triggers.exchange(call.need("trigger_id"))
    return {"view": box.views.open(trigger.user, _view(box, call, "modal"))}


def push_view(box: Sandbox, call: Call) -> Json:
    """Put a modal on top; the trigger must come from inside a modal."""
    trigger = box.triggers.exchange(call.need("trigger_id"))
    return {"view": box.views.push(trigger.user, _view(box, call, "modal"))}


def update_view(box: Sandbox, call: Call) -> Json:
    """Replace an open view."""
    view_id = call.text("view_id")
    external = call.text("external_id")
    if view_id is None and external is not None:
        found = box.views.with_external_id(external)
        view_id = found["id"] if found else None
    if view_id is None:
        raise SlackError("not_found")
    view = checked_view(box, call, call.json("view"))
    return {"view": box.views.update(view_id, view, call.text("hash"))}


def publish_view(box: Sandbox, call: Call) -> Json:
    """Set a person's Home tab."""
    user = call.need("user_id")
    if not box.workspace.app.home_tab:
        raise SlackError("not_enabled")
    if user not in box.workspace.users:
        raise SlackError("invalid_arguments", messages=["invalid `user_id`"])
    return {"view": box.views.publish(user, _view(box, call, "home"), call.text("hash"))}


def upload_url(box: Sandbox, call: Call) -> Json:
    """Where to send a file's bytes."""
    name = call.need("filename")
    raw = call.need("length")
    if not raw.isdigit() or int(raw) < 1:
        raise SlackError("invalid_arguments", messages=["invalid `length`"])
    if len(call.text("alt_txt") or "") > ALT_LENGTH:
        raise SlackError("alt_txt_too_large")
    address, file_id = box.uploads.start(name, int(raw), box.workspace.app.bot_user)
    return {"upload_url": address, "file_id": file_id}


def complete_upload(box: Sandbox, call: Call) -> Json:
    """Finish uploads and share them."""
    wanted = call.json("files")
    if not isinstance(wanted, list) or not wanted:
        raise SlackError("invalid_arguments", messages=["missing required field: files"])
    names = [call.text("channel_id"), *(call.text("channels") or "").split(",")]
    channels = []
    for name in filter(None, names):
        channel = channel_of(box, Call(call.method, {"channel": name}, call.token))
        must_be_member(box, channel)
        channels.append(channel)
    thread_ts = call.text("thread_ts")
    if thread_ts and channels and thread_root(channels[0], thread_ts) is None:
        raise SlackError("invalid_thread_ts")
    blocks = blocks_of(box, call)
    comment = stored_text(box, call, call.text("initial_comment") or "")
    files = box.uploads.complete(wanted)
    for channel in channels:
        box.uploads.share_later(Share(files, channel, thread_ts, comment, blocks))
    return {"files": [{"id": file.id, "title": file.title} for file in files]}


def file_info(box: Sandbox, call: Call) -> Json:
    """One file, with where it is shared."""
    file = box.workspace.files.get(call.need("file"))
    if file is None:
        raise SlackError("file_not_found")
    if file.deleted:
        raise SlackError("file_deleted")
    shown = file_info_json(box.workspace, file)
    paging = {"count": 0, "total": 0, "page": 1, "pages": 0}
    return {
        "file": shown,
        "comments": [],
        "paging": paging,
        "response_metadata": {"next_cursor": ""},
    }


def file_list(box: Sandbox, call: Call) -> Json:
    """The files that are shown where the app is (or in one `channel`), the newest first."""
    wanted, bot = call.text("channel"), box.workspace.app.bot_user
    member = {c.id for c in box.workspace.channels.values() if bot in c.members}
    places = member if wanted is None else member & {wanted}
    found = [f for f in box.workspace.files.values() if not f.deleted and places & set(f.shares)]
    count = call.integer("count", 100, 1000)
    shown = [file_info_json(box.workspace, file) for file in found[::-1][:count]]
    paging = {"count": count, "total": len(found), "page": 1, "pages": 1}
    return {"files": shown, "paging": paging}


def file_delete(box: Sandbox, call: Call) -> Json:
    """Delete one of the app's files: messages show a tombstone in its place."""
    file = box.workspace.files.get(call.need("file"))
    if file is None:
        raise SlackError("file_not_found")
    if file.deleted:
        raise SlackError("file_deleted")
    if file.user != box.workspace.app.bot_user:
        raise SlackError("cant_delete_file")
    remove_file(box.workspace, file)
    return {}


def auth_test(box: Sandbox, _call: Call) -> Json:
    """Who the token is."""
    team, app = box.workspace.team, box.workspace.app
    return {
        "url": f"https://{team.domain}.slack.com/", "team": team.name, "user": app.name.lower(),
        "team_id": team.id, "user_id": app.bot_user, "bot_id": app.bot_id,
        "is_enterprise_install": False,
    }  # fmt: skip


def api_test(_box: Sandbox, call: Call) -> Json:
    """The arguments back, or the asked-for error."""
    args = {key: value for key, value in call.args.items() if key != "token"}
    error = call.text("error")
    if error is not None:
        raise SlackError(error, args=args)
    return {"args": args}


def team_info(box: Sandbox, _call: Call) -> Json:
    """The workspace."""
    team = box.workspace.team
    icon = {"image_default": True, "image_68": box.workspace.avatar(box.workspace.app.bot_user)}
    return {
        "team": {
            "id": team.id, "name": team.name, "domain": team.domain, "email_domain": "",
            "url": f"https://{team.domain}.slack.com/", "icon": icon, "avatar_base_url": "",
            "is_verified": False,
        }
    }  # fmt: skip


def bot_info(box: Sandbox, call: Call) -> Json:
    """The app's bot."""
    wanted = call.text("bot")
    if wanted is not None and wanted != box.workspace.app.bot_id:
        raise SlackError("bot_not_found")
    return {"bot": bot_profile(box.workspace)}


def emoji_list(box: Sandbox, _call: Call) -> Json:
    """Custom emoji: none."""
    return {"emoji": {}, "cache_ts": f"{box.workspace.now()}.000000"}


def open_connection(box: Sandbox, _call: Call) -> Json:
    """A websocket address that is good once. What an app without Socket Mode is told: a guess."""
    if not box.delivery.sockets.on:
        raise SlackError("access_denied")
    return {"url": box.delivery.sockets.ticket(box.workspace.app.id)}


def revoke(box: Sandbox, call: Call) -> Json:
    """Revoke the token that asks."""
    if not call.flag("test"):
        box.revoked.add(call.token or "")
    return {"revoked": not call.flag("test")}


METHODS = MappingProxyType(
    {
        "views.open": Method(open_view),
        "views.push": Method(push_view),
        "views.update": Method(update_view),
        "views.publish": Method(publish_view),
        "files.getUploadURLExternal": Method(upload_url, ("files:write",)),
        "files.completeUploadExternal": Method(complete_upload, ("files:write",)),
        "files.info": Method(file_info, ("files:read",)),
        "files.list": Method(file_list, ("files:read",)),
        "files.delete": Method(file_delete, ("files:write",)),
        "auth.test": Method(auth_test),
        "auth.revoke": Method(revoke),
        "api.test": Method(api_test),
        "team.info": Method(team_info, ("team:read",)),
        "bots.info": Method(bot_info, ("users:read",)),
        "emoji.list": Method(emoji_list, ("emoji:read",)),
        "apps.connections.open": Method(open_connection),
    }
)
