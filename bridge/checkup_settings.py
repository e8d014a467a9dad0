"""What fits into the settings, and cannot be meant: told by `deskbridge check`, and never refused.
Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from difflib import get_close_matches

from bridge.findings import Check, Finding
from bridge.settings import Settings

QUORUM = Check("approvals.quorum", "Approvals: quorum")
CHANNELS = Check("triggers.channels", "Triggers: channels")


def unmeant(settings: Settings, channels: Collection[str]) -> list[Finding]:
    """`channels`: the names of those that are installed."""
    return [*_quorum(settings), *_channels(settings, channels)]


def _quorum(settings: Settings) -> Iterator[Finding]:
    """Of queues and groups nobody knows here how many belong to them."""
    given, queues = settings.approvals, {queue.name for queue in settings.queues}
    named = {*given.reviewers, *given.escalate_to}
    people = [each for each in named if each not in queues and not each.startswith("S")]
    if given.reviewers and len(people) == len(named) < given.quorum:
        yield QUORUM.warning(
            f"{given.quorum} must agree, and reviewers and escalate_to name {len(people)}: nothing "
            "is ever approved",
            "Name more of them in [approvals], a queue or a group, or lower quorum",
        )


def _channels(settings: Settings, channels: Collection[str]) -> Iterator[Finding]:
    """A bot may name a channel of its own, so one that is like none of ours is let be."""
    for rule in settings.triggers:
        for name in rule.channels:
            near = get_close_matches(name, channels, n=1)
            if near and name not in channels:
                yield CHANNELS.warning(
                    f"{rule.name} looks at {name}, which is no channel that is installed; did you "
                    f"mean {near[0]}?",
                    f'Correct channels of the rule "{rule.name}" in [[triggers]]',
                )
