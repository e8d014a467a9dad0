"""Records as the Web API and events show them. No copies: what is shown is not to be changed."""

from sandbox.slack.config import Json
from sandbox.slack.model import Channel, File, Message, User, UserGroup
from sandbox.slack.workspace import Workspace


def message_json(workspace: Workspace, message: Message) -> Json:
    """A message as history, events and answers show it, without metadata."""
    out: Json = {"type": "message", "ts": message.ts, "text": message.text}
    if message.tombstone:
        return _tombstone(out, message)
    _author(workspace, message, out)
    for key in ("subtype", "client_msg_id", "blocks", "attachments", "edited", "thread_ts"):
        value = getattr(message, key)
        if value:
            out[key] = value
    if message.files:
        out["files"] = [file_json(workspace, file) for file in message.files]
        out["upload"] = True
    if message.is_reply:
        _reply_fields(workspace, message, out)
    elif message.replies:
        _root_fields(message, out)
    if message.reactions:
        out["reactions"] = reactions_json(message)
    return out


def _tombstone(out: Json, message: Message) -> Json:
    out |= {"subtype": "tombstone", "hidden": True, "user": "USLACKBOT"}
    out["text"] = "This message was deleted."
    out["thread_ts"] = message.ts
    _root_fields(message, out)
    return out


def _author(workspace: Workspace, message: Message, out: Json) -> None:
    if message.user:
        out["user"] = message.user
        author = workspace.users.get(message.user)
        out["team"] = author.team_id if author else workspace.team.id
    if message.bot_id:
        out["bot_id"] = message.bot_id
        out["app_id"] = message.app_id
        if message.username:
            out["username"] = message.username
        if message.icons:
            out["icons"] = message.icons
        if message.user:
            out["bot_profile"] = bot_profile(workspace)


def bot_profile(workspace: Workspace) -> Json:
    """The app's profile that messages of its bot user carry."""
    app = workspace.app
    avatar = workspace.avatar(app.bot_user)
    return {
        "id": app.bot_id,
        "app_id": app.id,
        "user_id": app.bot_user,
        "name": app.name,
        "icons": {"image_36": avatar, "image_48": avatar, "image_72": avatar},
        "deleted": False,
        "updated": 1_763_000_000,
        "team_id": workspace.team.id,
    }


def _reply_fields(workspace: Workspace, message: Message, out: Json) -> None:
    root = workspace.channels[message.channel].messages.get(message.thread_ts or "")
    if root is not None:
        out["parent_user_id"] = root.user or workspace.app.bot_user
        if message.broadcast:
            out["root"] = {"type": "message", "ts": root.ts, "thread_ts": root.ts,
                           "user": root.author, "text": root.text}  # fmt: skip


def _root_fields(message: Message, out: Json) -> None:
    replies = message.replies or []
    users = message.reply_users or []
    out["reply_count"] = len(replies)
    out["reply_users_count"] = len(users)
    out["reply_users"] = users[:5]
    out["is_locked"] = False
    out["subscribed"] = False
    if replies:
        out["latest_reply"] = replies[-1]


def reactions_json(message: Message) -> list[Json]:
    """The reactions of a message in the order of their first use."""
    reactions = (message.reactions or {}).items()
    return [{"name": name, "users": users, "count": len(users)} for name, users in reactions]


def file_json(workspace: Workspace, file: File) -> Json:
    """A file object."""
    address = f"{workspace.base_url}/files/private/{file.id}/{file.name}"
    permalink = f"{workspace.base_url}/files/{file.user}/{file.id}"
    out: Json = {
        "id": file.id, "created": file.created, "timestamp": file.created, "name": file.name,
        "title": file.title or file.name, "mimetype": file.mimetype,
        "filetype": file.name.rpartition(".")[2].lower() or "binary",
        "pretty_type": file.mimetype.partition("/")[2].upper(), "user": file.user,
        "user_team": workspace.team.id, "editable": False, "size": file.size, "mode": "hosted",
        "is_external": False, "external_type": "", "is_public": True, "public_url_shared": False,
        "display_as_bot": False, "username": "", "url_private": address,
        "url_private_download": f"{address}?download=1", "permalink": permalink,
        "has_rich_preview": False, "file_access": "visible",
    }  # fmt: skip
    if file.deleted:
        return {"id": file.id, "mode": "tombstone"}
    return out


def file_info_json(workspace: Workspace, file: File) -> Json:
    """A file object with where it is shared, as files.info shows it."""
    out = file_json(workspace, file)
    shares: dict[str, dict[str, list[Json]]] = {}
    for channel_id, stamps in file.shares.items():
        channel = workspace.channels[channel_id]
        scope = "private" if channel.is_private or channel.im_user else "public"
        shares.setdefault(scope, {})[channel_id] = [_share(channel, ts) for ts in stamps]
    out |= {"shares": shares, "channels": list(file.shares), "groups": [], "ims": []}
    return out


def _share(channel: Channel, ts: str) -> Json:
    share: Json = {"ts": ts, "channel_name": channel.name, "reply_count": 0, "reply_users": []}
    message = channel.messages.get(ts)
    if message is not None and message.is_reply:
        share["thread_ts"] = message.thread_ts
    return share


def channel_json(workspace: Workspace, channel: Channel) -> Json:
    """A conversation object."""
    if channel.im_user is not None:
        return {
            "id": channel.id, "created": channel.created, "is_im": True, "is_channel": False,
            "is_group": False, "is_mpim": False, "user": channel.im_user, "is_archived": False,
            "is_org_shared": False, "is_user_deleted": False, "is_open": True, "priority": 0,
        }  # fmt: skip
    topic = {"value": channel.topic, "creator": channel.creator, "last_set": channel.created}
    return {
        "id": channel.id, "name": channel.name, "name_normalized": channel.name,
        "is_channel": True, "is_group": False, "is_im": False, "is_mpim": False,
        "is_private": channel.is_private, "is_archived": channel.is_archived,
        "is_general": channel.name == "general", "is_shared": channel.is_ext_shared,
        "is_org_shared": False, "is_ext_shared": channel.is_ext_shared,
        "is_pending_ext_shared": False, "pending_shared": [], "unlinked": 0,
        "created": channel.created, "updated": channel.created * 1000,
        "creator": channel.creator, "context_team_id": workspace.team.id,
        "shared_team_ids": [workspace.team.id], "parent_conversation": None,
        "is_member": workspace.app.bot_user in channel.members, "topic": topic,
        "purpose": topic | {"value": channel.purpose}, "previous_names": [],
        "num_members": len(channel.members),
    }  # fmt: skip


def user_json(workspace: Workspace, user: User, *, email: bool = True) -> Json:
    """A user object."""
    out: Json = {
        "id": user.id, "team_id": user.team_id, "name": user.name, "deleted": user.deleted,
        "color": user.color, "real_name": user.real_name, "tz": user.tz, "tz_label": user.tz,
        "tz_offset": user.tz_offset, "profile": profile_json(workspace, user, email=email),
        "is_admin": user.is_admin, "is_owner": False, "is_primary_owner": False,
        "is_restricted": user.is_restricted, "is_ultra_restricted": False, "is_bot": user.is_bot,
        "is_app_user": False, "updated": 1_763_000_000, "is_email_confirmed": not user.is_bot,
        "who_can_share_contact_card": "EVERYONE",
    }  # fmt: skip
    if user.is_stranger:
        out["is_stranger"] = True
    return out


def profile_json(workspace: Workspace, user: User, *, email: bool = True) -> Json:
    """The profile inside a user object."""
    avatar = workspace.avatar(user.id)
    first, _, last = user.real_name.partition(" ")
    out: Json = {
        "title": user.title, "phone": "", "skype": "", "real_name": user.real_name,
        "real_name_normalized": user.real_name, "display_name": user.display_name,
        "display_name_normalized": user.display_name, "status_text": "", "status_emoji": "",
        "status_expiration": 0, "avatar_hash": "g" + user.id[-8:].lower(), "first_name": first,
        "last_name": last, "team": user.team_id,
    }  # fmt: skip
    out |= {f"image_{size}": avatar for size in (24, 32, 48, 72, 192, 512)}
    if email and user.email:
        out["email"] = user.email
    if user.is_bot:
        out |= {"api_app_id": workspace.app.id, "bot_id": workspace.app.bot_id}
    return out


def group_json(workspace: Workspace, group: UserGroup, *, users: bool) -> Json:
    """A user group object."""
    out: Json = {
        "id": group.id, "team_id": workspace.team.id, "is_usergroup": True, "name": group.name,
        "description": "", "handle": group.handle, "is_external": False,
        "date_create": 1_760_000_000,
        "date_update": 1_760_000_000, "date_delete": 0, "auto_type": None,
        "prefs": {"channels": [], "groups": []}, "user_count": len(group.users),
    }  # fmt: skip
    if users:
        out["users"] = group.users
    return out
