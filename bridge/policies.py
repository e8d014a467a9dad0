"""The policy of `decide`, made from the settings."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from bridge import settings_actions, settings_triggers
from bridge.leaks import Guard
from bridge.model import SECOND, AgentId
from bridge.policy import Alerts, BotPolicy, Policy, Staffing, Still, Talent
from bridge.ports import Channel, Desk, Shields
from bridge.queues import Goals, Queue
from bridge.settings import Settings
from bridge.settings_agents import AgentSettings
from bridge.settings_alerts import AlertSettings
from bridge.settings_hours import hours_of
from bridge.settings_sections import GoalSettings, QueueSettings
from bridge.texts import Texts

DAY = 86_400 * SECOND
ASKED_AT = 0.75
"""Of the time after which who does nothing is away."""


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
        idle_close={
            channel: int(seconds * SECOND) for channel, seconds in handoff.idle_close.items()
        },
        reopen_within=int(handoff.reopen_within * SECOND),
        undo_window=int(handoff.undo_resolve * SECOND),
        undo_reply=int(settings.replies.undo_seconds * SECOND),
        still=Still(
            int(handoff.still_waiting_after * SECOND),
            int(handoff.still_waiting_every * SECOND),
            handoff.still_waiting_most,
        ),
        mail_after=int(settings.email.after * SECOND) if settings.smtp_url else 0,
        queues=tuple(queue(each, settings) for each in settings.queues),
        staffing=staffing(settings.agents),
        labels=settings.labels.made(settings.queues),
        topics={
            (each.name, option.value): option.label
            for each in settings.webchat.prechat
            for option in each.options
            if option.label
        },
        may_delete=settings.agents.may_delete,
        blocked=frozenset(settings.handoff.blocked),
        texts=Texts(settings.messages),
        templates=settings.templates.made(),
        actions=settings_actions.made(settings.actions),
        triggers=settings_triggers.made(settings.triggers, settings.labels.made(settings.queues)),
        default=settings.replies.default,
        on_mention=settings.replies.mention,
        guard=guard(settings, desk),
        alerts=alerts(settings.alerts),
        gate=settings.approvals.made(),
    )


def queue(given: QueueSettings, settings: Settings) -> Queue:
    return Queue(
        name=given.name,
        place=given.slack_channel or settings.slack_channel,
        hours=hours_of(given.hours, settings.hours),
        messages=given.messages,
        labels=given.labels,
        languages=given.languages,
        priority=given.priority,
        notify=given.notify,
        routing=given.routing,
        capacity=given.capacity or settings.agents.capacity,
        sticky=int(given.sticky_days * DAY),
        goals=goals(given.goals, settings.handoff.goals),
        wrap_up=given.wrap_up(settings.labels.names),
        reply=given.reply,
        undo=None if given.undo_seconds is None else int(given.undo_seconds * SECOND),
    )


def goals(own: GoalSettings | None, desk: GoalSettings) -> Goals:
    """What a queue does not say for itself is as the desk says."""
    said = own.model_dump(exclude_unset=True) if own else {}
    every = {**desk.model_dump(), **said}
    return Goals(**{name: int(seconds * SECOND) for name, seconds in every.items()})


def staffing(given: AgentSettings) -> Staffing:
    return Staffing(
        ask_after=int(given.idle_timeout * ASKED_AT * SECOND),
        away_after=int(given.idle_timeout * SECOND),
        hand_back_after=int(given.hand_back_after * SECOND),
        silent_after=int(given.silent_after * SECOND),
        online_required=given.online_required,
        talents={
            AgentId(each.id): Talent(each.languages, each.labels, each.capacity)
            for each in given.people
        },
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
