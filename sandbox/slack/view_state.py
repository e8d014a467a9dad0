"""Modals (a stack of at most three for each person) and Home tabs."""

from sandbox.slack.config import Json
from sandbox.slack.errors import SlackError
from sandbox.slack.workspace import Workspace

MAX_STACK = 3


class Views:
    """The open views of everybody; views are the JSON objects that payloads and answers carry."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._stacks: dict[str, list[Json]] = {}
        self._homes: dict[str, Json] = {}
        self._owners: dict[str, str] = {}
        self.home_opened: set[str] = set()

    def open(self, user: str, view: Json) -> Json:
        """Show a modal in place of what is open."""
        self._check_external(view, replacing=None)
        self._forget(user)
        made = self._make(view, previous=None)
        self._stacks[user] = [made]
        self._owners[made["id"]] = user
        self._tell(user, "open", made)
        return made

    def push(self, user: str, view: Json) -> Json:
        """Put a modal on top of the open ones."""
        stack = self._stacks.get(user, [])
        if not stack:
            raise SlackError("not_found")
        if len(stack) >= MAX_STACK:
            raise SlackError("push_limit_reached")
        self._check_external(view, replacing=None)
        made = self._make(view, previous=stack[-1])
        stack.append(made)
        self._owners[made["id"]] = user
        self._tell(user, "push", made)
        return made

    def update(self, view_id: str, view: Json, hash: str | None) -> Json:
        """Replace an open view or Home tab in place, keeping what was typed in fields that stay."""
        user = self._owners.get(view_id)
        old = self.find(view_id)
        if user is None or old is None:
            raise SlackError("not_found")
        if hash is not None and hash != old["hash"]:
            raise SlackError("hash_conflict")
        self._check_external(view, replacing=view_id)
        self._fill(old, view)
        self._tell(user, "update", old)
        return old

    def publish(self, user: str, view: Json, hash: str | None) -> Json:
        """Set a person's Home tab."""
        old = self._homes.get(user)
        if hash is not None and old is not None and hash != old["hash"]:
            raise SlackError("hash_conflict")
        made = old if old is not None else self._make(view, previous=None)
        self._fill(made, view)
        self._homes[user] = made
        self._owners[made["id"]] = user
        self._workspace.feed.push(lambda: {"type": "home", "user": user, "view": made}, user=user)
        return made

    def home(self, user: str) -> Json | None:
        """The person's Home tab, if the app published one."""
        return self._homes.get(user)

    def find(self, view_id: str) -> Json | None:
        """An open modal or a Home tab by id."""
        user = self._owners.get(view_id, "")
        home = self._homes.get(user)
        candidates = [*self._stacks.get(user, []), *([home] if home else [])]
        return next((view for view in candidates if view["id"] == view_id), None)

    def with_external_id(self, external_id: str) -> Json | None:
        """An open view by the app's own id."""
        views = (view for stack in self._stacks.values() for view in stack)
        return next((view for view in views if view["external_id"] == external_id), None)

    def top(self, user: str) -> Json | None:
        """The modal the person sees."""
        stack = self._stacks.get(user)
        return stack[-1] if stack else None

    def close(self, user: str, *, everything: bool = False) -> list[Json]:
        """Close the top modal (or all) and answer what was closed; the one below shows again."""
        stack = self._stacks.get(user, [])
        if not stack:
            return []
        closed = stack[::-1] if everything else [stack[-1]]
        del stack[-len(closed) :]
        for view in closed:
            self._owners.pop(view["id"], None)
        self._tell(user, "clear" if not stack else "close", stack[-1] if stack else None)
        return closed

    def show_errors(self, user: str, errors: Json) -> None:
        """Show what the app refused beside its fields."""
        self._tell(user, "update", self.top(user), errors)

    def _forget(self, user: str) -> None:
        for view in self._stacks.pop(user, []):
            self._owners.pop(view["id"], None)

    def _check_external(self, view: Json, replacing: str | None) -> None:
        external = view.get("external_id")
        found = self.with_external_id(external) if external else None
        if found is not None and found["id"] != replacing:
            raise SlackError("duplicate_external_id")

    def _make(self, view: Json, previous: Json | None) -> Json:
        workspace, new_id = self._workspace, self._workspace.ids.new("V")
        root = previous["root_view_id"] if previous else new_id
        made: Json = {
            "id": new_id, "team_id": workspace.team.id, "root_view_id": root,
            "previous_view_id": previous["id"] if previous else None,
            "app_id": workspace.app.id, "app_installed_team_id": workspace.team.id,
            "bot_id": workspace.app.bot_id, "state": {"values": {}},
        }  # fmt: skip
        self._fill(made, view)
        return made

    def _fill(self, made: Json, view: Json) -> None:
        kept: Json = {"title": None, "submit": None, "close": None, "callback_id": "",
                "private_metadata": "", "external_id": "", "clear_on_close": False,
                "notify_on_close": False, "type": "modal", "blocks": []}  # fmt: skip
        made |= {key: view.get(key, default) for key, default in kept.items()}
        blocks = {block.get("block_id") for block in made["blocks"]}
        values = made["state"]["values"]
        made["state"] = {"values": {key: values[key] for key in values if key in blocks}}
        made["hash"] = f"{self._workspace.now()}.{self._workspace.ids.letters(8)}"

    def _tell(self, user: str, action: str, view: Json | None, errors: Json | None = None) -> None:
        shown = dict(view) if view is not None else None
        change = {"type": "view", "user": user, "action": action, "view": shown, "errors": errors}
        self._workspace.feed.push(lambda: change, user=user)
