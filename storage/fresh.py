"""What a transaction changed of each conversation, for those who follow it in this process."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator

from bridge.latest import Fresh
from bridge.model import ConversationId, Message
from bridge.views import News
from storage.places import Room


def fresh(room: Room, rung: Collection[ConversationId]) -> dict[ConversationId, Fresh]:
    """Of the conversations whose followers are rung for."""
    changed: defaultdict[ConversationId, list[Message]] = defaultdict(list)
    for message in room.messages.values():
        if message.leaves and room.loaded.get(message.id) is not message:
            changed[message.conversation_id].append(message)
    return dict(_each(room, rung, changed))


def _each(
    room: Room,
    rung: Collection[ConversationId],
    changed: defaultdict[ConversationId, list[Message]],
) -> Iterator[tuple[ConversationId, Fresh]]:
    for each in rung:
        conversation, before = room.conversations[each], room.loaded.get(each)
        handoff = room.handoffs.get(conversation.handoff_id) if conversation.handoff_id else None
        if handoff is None and conversation.handoff_id:
            continue  # it was not needed to decide: who follows reads it
        shown = sorted(changed[each], key=lambda message: message.rev)
        yield each, Fresh(before.rev if before else 0, News(conversation, handoff, shown))
