"""The policy of `decide`, made from the settings."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from bridge.leaks import Guard
from bridge.model import SECOND
from bridge.policy import Alerts, BotPolicy, Policy
from bridge.ports import Channel, Desk, Shields
from bridge.queues import Queue
from bridge.settings import Settings
from bridge.settings_sections import AlertSettings, QueueSettings
from bridge.texts import Texts


def policy(settings: Settings, desk: Desk | None, channels: Mapping[str, Channel]) -> Policy:
    handoff = settings.handoff
    return Policy(
        bots=tuple(
            BotPolicy(bot.id, int(bot.patience * SECOND), bot.channels) for bot in settings.bots
        ),
        channels={name: channel.traits for name, channel in channels.items()},
        staffed=desk is not None,
        desk_max_text=desk.max_text if desk else Policy().desk_max_text,
        preview=handoff.preview,
        end_command=handoff.user_close_command,
        assignment_timeout={
            channel: int(seconds * SECOND)
            for channel, seconds in handoff.assignment_timeout.items()
        },
        reopen_within=int(handoff.reopen_within * SECOND),
        undo_window=int(handoff.undo_resolve * SECOND),
        queues=tuple(map(queue, settings.queues)),
        may_delete=settings.agents.may_delete,
        texts=Texts(settings.messages),
        default=settings.replies.default,
        on_mention=settings.replies.mention,
        guard=guard(settings, desk),
        alerts=alerts(settings.alerts),
    )


def queue(given: QueueSettings) -> Queue:
    return Queue(
        name=given.name,
        place=given.slack_channel,
        labels=given.labels,
        languages=given.languages,
        priority=given.priority,
        notify=given.notify,
    )


def guard(settings: Settings, desk: object) -> Guard:
    """What customers may see anyway is where they are: the widget's pages and we ourselves."""
    seen = (urlsplit(url).hostname for url in (settings.public_url, *settings.webchat_origins))
    return Guard(
        settings.leaks.look_for,
        settings.leaks.internal_hosts,
        tuple(sorted({host for host in seen if host})),
        desk.internal_links if isinstance(desk, Shields) else "",
        settings.leaks.patterns,
    )


def alerts(given: AlertSettings) -> Alerts:
    return Alerts(
        mention=given.mention,
        notify=given.notify,
        lead=given.lead,
        notify_after=int(given.notify_after * SECOND),
        overdue_after=int(given.overdue_after * SECOND),
        lead_after=int(given.lead_after * SECOND),
        held_after=int(given.held_after * SECOND),
        present_for=int(given.present_for * SECOND),
    )
