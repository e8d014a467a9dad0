"""One stand-in workspace with all its parts; what the URLs are made of."""

import base64

from sandbox.slack.config import Json, SandboxConfig
from sandbox.slack.delivery import Delivery
from sandbox.slack.faults import Faults
from sandbox.slack.hooks import Hooks
from sandbox.slack.ids import IdSource
from sandbox.slack.log import Log
from sandbox.slack.model import Channel
from sandbox.slack.rates import ChannelLimit, MethodLimits
from sandbox.slack.subscriptions import Subscriptions, receives
from sandbox.slack.triggers import Triggers
from sandbox.slack.uploads import Uploads
from sandbox.slack.view_state import Views
from sandbox.slack.workspace import Workspace


class Sandbox:
    """The workspace, the way to the app, and the logs of both directions.

    Usable from the event loop that serves it only.
    """

    def __init__(self, config: SandboxConfig) -> None:
        self.config = config
        self.faults = Faults()
        self.delivery = Delivery(config, self.faults)
        self.revoked: set[str] = set()
        self.calls = Log(config.log_limit)
        self.violations = Log(config.log_limit or 1_000)
        self.ids = IdSource(config.seed)
        self._begin()

    def _begin(self) -> None:
        config = self.config
        self.workspace = Workspace(config, self.ids)
        self.workspace.emit = self._emit
        self.subscriptions = Subscriptions(config.manifest)
        self.triggers = Triggers(config, self.ids, self.faults)
        self.views = Views(self.workspace)
        self.hooks = Hooks(self.workspace)
        self.uploads = Uploads(self.workspace)
        self.channel_limit = ChannelLimit(config.channel_rate, config.channel_burst)
        self.method_limits = MethodLimits()
        team, app = self.workspace.team.id, self.workspace.app
        self._envelope: Json = {
            "token": config.verification_token, "team_id": team, "context_team_id": team,
            "context_enterprise_id": None, "api_app_id": app.id, "type": "event_callback",
            "authorizations": [{
                "enterprise_id": None, "team_id": team, "user_id": app.bot_user, "is_bot": True,
                "is_enterprise_install": False,
            }],
        }  # fmt: skip

    def reset(self) -> None:
        """Back to the seed workspace: messages, faults and logs are gone; the app stays connected.

        Open page streams notice by the cursor and load anew.
        """
        base, cursor = self.workspace.base_url, self.workspace.feed.cursor
        self.faults.clear()
        self.delivery.forget()
        self.revoked.clear()
        for log in (self.calls, self.violations, self.delivery.log):
            log.clear()
        old_feed = self.workspace.feed
        self._begin()
        self.workspace.base_url = base
        self.workspace.feed = old_feed
        old_feed.forget(cursor + 1)

    def set_request_url(self, url: str) -> None:
        """Tell the workspace where the app listens (events, interactions, commands, options)."""
        self.delivery.request_url = url

    def _emit(self, event: Json, channel: Channel | None) -> None:
        """Wrap an inner event and send it, if the app hears of it."""
        if not receives(channel, self.workspace.app.bot_user):
            return
        if not self.delivery.listening or not self.subscriptions.wants(event):
            return
        envelope = self._envelope | {
            "event": event,
            "event_id": self.ids.event(),
            "event_time": self.workspace.now(),
            "is_ext_shared_channel": channel is not None and channel.is_ext_shared,
            "event_context": _context(event, channel),
        }
        self.delivery.event(envelope, event["type"], channel.id if channel else None)

    async def close(self) -> None:
        """Stop deliveries and free connections; calls that hang are dropped."""
        self.faults.clear()
        await self.delivery.close()


def _context(event: Json, channel: Channel | None) -> str:
    """An opaque text as Slack's `event_context`."""
    place = f"{event['type']}/{channel.id if channel else ''}"
    return "4-" + base64.b64encode(place.encode()).decode()
