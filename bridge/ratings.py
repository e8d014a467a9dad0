"""What a user thinks of how they were helped: asked at the end, and taken.

Asked is who was with a person and was resolved or left by themselves: not who was rejected, whom
nobody took, or whose handoff ended in silence. The channel shows the question itself, or is sent it
with five buttons, whose presses come back as messages with our payload. What was given may be
changed for a day, until a new handoff begins. Nothing that a user writes is ever taken for a
comment unless they have just pressed *Add a comment*.
"""

from __future__ import annotations

import re

from bridge.commands import Rate, UserSaid
from bridge.effects import Line
from bridge.events import Kind
from bridge.keys import is_person
from bridge.model import (
    SECOND,
    Author,
    Button,
    HandoffId,
    Micros,
    Role,
    Status,
    replace,
)
from bridge.policy import Asks
from bridge.scores import COMMENT, NO_RATING, SCORES, Rating
from bridge.texts import SOMEONE, WITH_US, Occasion, by_language
from bridge.turn import Turn

MAX_COMMENT = 2_000
"""Characters."""
CHANGES_FOR: Micros = 24 * 3_600 * SECOND
COMMENT_FOR: Micros = 600 * SECOND
_ASKED = (Status.RESOLVED, Status.CANCELLED)
_PRESSED = re.compile(r"deskbridge:(?:rate:(\w+):([1-5])|comment:(\w+))")


def ask(turn: Turn) -> None:
    """The handoff has just ended. Who has rated it before it was opened again is not asked again;
    whom the channel cannot be told anything any more is not asked at all."""
    handoff, conversation = turn.open_handoff, turn.conversation
    traits = turn.policy.traits(conversation.channel)
    human = handoff.assignee or handoff.first_reply_at
    if handoff.status not in _ASKED or not human or handoff.rating.score:
        return
    shut = traits.window and turn.at - conversation.user_at > traits.window
    question = turn.wording(Occasion.RATING, agentName=_whom(turn))
    if not question or shut or traits.asks is Asks.NEVER:
        return
    turn.change(rating=Rating(question, conversation.seq))
    if traits.asks is Asks.BY_BUTTONS:
        turn.tell_user(Occasion.RATING, _buttons(handoff.id, turn.locale))


def _whom(turn: Turn) -> str:
    """Who wrote last, as the user knows them; else who has it; else all of us."""
    handoff = turn.open_handoff
    had = Author(Role.AGENT, handoff.assignee or "", handoff.assignee_name)
    who = turn.case.spoke or had
    known = who.name and is_person(who.id) and who.name not in SOMEONE.values()
    return who.name if known else by_language(WITH_US, turn.locale)


def _buttons(handoff: HandoffId, locale: str) -> tuple[Button, ...]:
    """The best one first: of a row on a phone the last ones are out of sight."""
    return tuple(
        Button(f"{'★' * score} {by_language(word, locale)}", f"deskbridge:rate:{handoff}:{score}")
        for score, word in reversed(list(enumerate(SCORES, 1)))
    )


def may_rate(rating: Rating, now: Micros) -> bool:
    """Whether the user was asked, and may still answer or change what they said."""
    return bool(rating.question) and (not rating.score or now < rating.at + CHANGES_FOR)


def rate(turn: Turn, command: Rate) -> None:
    if turn.handoff is None or not may_rate(turn.handoff.rating, turn.at):
        return turn.reject("nothing_to_rate")
    return _take(turn, command.score, command.comment)


def is_pressed(command: UserSaid) -> bool:
    """Whether it is a press of one of our buttons, which is nobody's words."""
    return _PRESSED.fullmatch(command.payload) is not None


def heard(turn: Turn, command: UserSaid) -> bool:
    """Whether what the user said was about their rating, and is for nobody else. A press that comes
    too late is, too: it means nothing to anybody. What has files is more than a comment."""
    rating = turn.handoff.rating if turn.handoff else NO_RATING
    if pressed := _PRESSED.fullmatch(command.payload):
        about = pressed[1] or pressed[3]
        if turn.handoff and turn.handoff.id == about and may_rate(rating, turn.at):
            _press(turn, int(pressed[2] or 0))
        return True
    more = command.payload or command.attachments or not command.text.strip()
    if turn.at > rating.comment_until or more:
        return False
    _take(turn, rating.score, command.text)
    turn.tell_user(Occasion.RATED)
    return True


def _press(turn: Turn, score: int) -> None:
    """One of the five, or *Add a comment*."""
    handoff = turn.open_handoff
    if not score:
        until = turn.at + COMMENT_FOR
        turn.change(rating=replace(handoff.rating, comment_until=until))
        return turn.tell_user(Occasion.RATING_COMMENT)
    _take(turn, score, None)
    more = Button(by_language(COMMENT, turn.locale), f"deskbridge:comment:{handoff.id}")
    return turn.tell_user(Occasion.RATED, (more,))


def _take(turn: Turn, score: int, comment: str | None) -> None:
    """Keeps it; the user's other tabs and the desk follow. The same once more changes nothing."""
    before = turn.open_handoff.rating
    comment = before.comment if comment is None else comment.strip()
    if (score, comment) == (before.score, before.comment):
        return
    at = before.at or turn.at
    new = replace(before, score=score, comment=comment, at=at, comment_until=0)
    turn.change(rating=new)
    turn.conversation = replace(turn.conversation, rev=turn.conversation.rev + 1)
    user = Author(Role.USER, turn.contact.id, turn.contact.name)
    turn.note(Kind.HANDOFF_RATED, user, score=score)
    only_comment = comment and score == before.score
    turn.line(Line.RATED, detail="comment" if only_comment else "score")
