"""What this process has just committed, so that its streams need not read it.

The store stays the truth: this holds only the newest commit of each conversation that somebody
follows here, and who finds that it does not join on to what they know, or was woken by another
process, reads the store instead.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

from bridge.model import ConversationId
from bridge.views import News


@dataclass(frozen=True, slots=True)
class Fresh:
    """One commit's change of a conversation: `news` as `Reads.news` tells it after the rev
    `before`, which the conversation had until then."""

    before: int
    news: News

    def after(self, rev: int) -> News | None:
        """For one who knows all up to `rev`; None for one who lacks more than this."""
        if not self.before <= rev <= self.news.conversation.rev:
            return None
        return replace(self.news, messages=[m for m in self.news.messages if m.rev > rev])


class Latest:
    """One for each process."""

    def __init__(self) -> None:
        self._followers: Counter[ConversationId] = Counter()
        self._fresh: dict[ConversationId, Fresh] = {}

    def tell(self, committed: Mapping[ConversationId, Fresh]) -> None:
        for conversation in committed.keys() & self._followers.keys():
            known, told = self._fresh.get(conversation), committed[conversation]
            if known is None or known.news.conversation.rev <= told.news.conversation.rev:
                self._fresh[conversation] = told

    def of(self, conversation: ConversationId) -> Fresh | None:
        """Of one that is followed: its newest commit here since then."""
        return self._fresh.get(conversation)

    @contextmanager
    def follow(self, conversation: ConversationId) -> Iterator[None]:
        self._followers[conversation] += 1
        try:
            yield
        finally:
            self._followers[conversation] -= 1
            if not self._followers[conversation]:
                del self._followers[conversation]
                self._fresh.pop(conversation, None)
