"""What comes with messages: files, on their way to the desk and to users. Pure.

A file is fetched from where it was said (`FetchFiles`), kept here, and only then shown to the other
side, so that nobody is ever given an address of a platform's. An agent's message and its files
are delivered together or fail together; a user's words are in the thread at once, and their files
follow. What is a note, or held, is not fetched: it stays where it is.
"""

from __future__ import annotations

from collections.abc import Iterable

from bridge.commands import Delivered, Fetched
from bridge.effects import FetchFiles, Line, Mark, PostFile
from bridge.events import Kind
from bridge.filing import all_kept, linked
from bridge.model import Message, Role, Standing, replace
from bridge.turn import DESKBRIDGE, Turn

OF_POST, OF_FETCH = "file", "fetch"
"""Before the reason why a user's file is missing in the thread: the desk did not take it
(`file:0+2:REASON`, with the places of those files), or the user's channel did not give it
(`fetch:REASON`)."""


def came(turn: Turn, message: Message) -> None:
    """A user's message was heard; its files may be the channel's still."""
    if not all_kept(message):
        turn.do(FetchFiles(message.id))


def show_files(turn: Turn, message: Message) -> None:
    """Below a user's words in the thread. Those that are fetched yet follow then."""
    if message.attachments and all_kept(message):
        _post(turn, message, range(len(message.attachments)))


def _post(turn: Turn, message: Message, which: Iterable[int]) -> None:
    handoff = turn.open_handoff.id
    turn.do(*(PostFile(handoff, message.id, n) for n in which))


def below_preview(turn: Turn, result: Delivered) -> None:
    """The files of what was said before the handoff."""
    handoff = turn.open_handoff.id
    turn.do(*(PostFile(handoff, message, n) for message, n in result.files))


def fetched(turn: Turn, result: Fetched) -> None:
    """The files are here. What was taken back meanwhile is not any more."""
    subject = turn.subject
    if subject.deleted:
        return
    known = zip(subject.attachments, result.attachments, strict=False)
    left = tuple(before if before.is_gone else here for before, here in known)
    message = linked(replace(subject, attachments=left))
    if subject.author.role is Role.USER:
        turn.show(message)
        if turn.handoff and turn.handoff.is_open:
            show_files(turn, message)
    elif turn.policy.traits(turn.conversation.channel).reads_store:
        _taken(turn, message)
    else:  # its parts wait in the same lane, and send what they find
        turn.messages[message.id] = message


def let_go(turn: Turn) -> None:
    """An agent's reply can no longer be taken back: one who reads our store has it now, unless its
    files are yet to come."""
    subject = turn.subject
    if subject.leaves and subject.is_unseen and not subject.deleted and all_kept(subject):
        _taken(turn, subject)


def _taken(turn: Turn, message: Message) -> None:
    turn.show(replace(message, standing=Standing.SENT))
    turn.mark_message(message, Mark.TAKEN)


def not_fetched(turn: Turn, reason: str) -> None:
    """A user's file that their channel did not give: the thread says so."""
    _missing(turn, f"{OF_FETCH}:{reason}", reason)


def not_shown(turn: Turn, effect: PostFile, reason: str) -> None:
    """A user's file that the desk did not take."""
    before = turn.subject.held_for.split(":")
    others = before[1].split("+") if before[0] == OF_POST else []
    places = "+".join(sorted({*others, str(effect.n)}, key=int))
    _missing(turn, f"{OF_POST}:{places}:{reason}", reason)


def _missing(turn: Turn, code: str, reason: str) -> None:
    subject = turn.subject
    turn.note(Kind.DELIVERY_FAILED, DESKBRIDGE, reason=reason, message=subject.id)
    if not subject.deleted:
        turn.messages[subject.id] = replace(subject, held_for=code)
        turn.line(Line.FAILED, subject, detail=code)


def again(turn: Turn, message: Message, code: str) -> bool:
    """*Retry* of what came with a user's message; false: it was the words that were missing."""
    kind, _, rest = code.partition(":")
    if kind == OF_POST:
        _post(turn, message, map(int, rest.partition(":")[0].split("+")))
    elif kind == OF_FETCH:
        turn.do(FetchFiles(message.id))
    return kind in (OF_POST, OF_FETCH)
