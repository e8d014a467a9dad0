"""Every command of agents, once: the table behind thread words, slash commands, buttons, menus, the
*Handoff…* shortcut, App Home and the help page. Pure.

A verb with its arguments as text is one `Wish`, whichever way it came: a form gives the same text
that one would have typed. Its maker turns it into a command of the bridge, or into None when it
cannot be understood; a verb without a maker only shows something (`asks.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from adapters.slack import arguments
from adapters.slack.arguments import ALL, SILENT, SPAM
from bridge.commands import (
    EVERY_BOT,
    AddNote,
    AgentCommand,
    Ask,
    Assign,
    Block,
    DeleteConversation,
    DeskCommand,
    Doing,
    OfConversation,
    Pause,
    Recall,
    Reject,
    Release,
    Reopen,
    Resolve,
    Resume,
    RunAction,
    Say,
    SendTemplate,
    SetLabels,
    SetPriority,
    Snooze,
    SwitchBot,
    TakeOver,
    ToBot,
    Transfer,
    Unblock,
    Wake,
)
from bridge.model import DEFAULT_WORKSPACE, Agent, Author, Micros, Priority

PRESENCE: Mapping[str, Doing] = {"online": Doing.ONLINE, "away": Doing.AWAY}
"""Verbs that say whether who says so is there."""
MAX_REASON = 2_000
MAX_TEXT = 10_000
"""Characters of a text to a user, as in the webchat."""
Made = AgentCommand | DeskCommand | None


@dataclass(frozen=True, slots=True)
class Wish:
    """Who wants something, of what. `offset`: seconds that their clock is east of UTC; `agent`: the
    person named, where the verb names one; `undoable`: by a button that can be taken back;
    `only_free`: by one that is for what nobody has."""

    key: str
    at: Micros
    to: OfConversation
    by: Agent
    said: str = ""
    offset: int = 0
    agent: Agent | None = None
    undoable: bool = False
    only_free: bool = False


class About(StrEnum):
    """What a verb is about: a handoff; a user, with or without one; or the desk as a whole."""

    HANDOFF = "handoff"
    USER = "user"
    DESK = "desk"


class Form(StrEnum):
    """What a modal asks for before it can be done."""

    NONE = ""
    REASON = "reason"
    TEXT = "text"
    PERSON = "person"
    TRANSFER = "transfer"
    TIME = "time"
    PRIORITY = "priority"
    LABELS = "labels"
    WORDS = "words"
    TEMPLATE = "template"
    QUESTION = "question"
    ACTION = "action"


WAITING, HAD, ASIDE, ENDING, ENDED = "queued", "assigned", "snoozed", "ending", "ended"
BOT, PAUSED = "bot", "paused"
HEARD, BLOCKED = "heard", "blocked"
"""Beside one of the others: whether anybody hears the customer."""
OPEN = frozenset({WAITING, HAD, ASIDE})
ALWAYS = OPEN | {ENDED, BOT, PAUSED}

Maker = Callable[[str, Wish], Made]


def _assign(_: str, wish: Wish) -> Made:
    if wish.agent is None:
        return None
    to = (wish.key, wish.at, wish.to, wish.by)
    return Assign(*to, wish.agent, wish.said, only_free=wish.only_free)


def _take(args: str, wish: Wish) -> Made:
    return None if args else TakeOver(wish.key, wish.at, wish.to, wish.by, wish.said)


def _release(args: str, wish: Wish) -> Made:
    return None if args else Release(wish.key, wish.at, wish.to, wish.by, wish.said)


def _transfer(args: str, wish: Wish) -> Made:
    """`@ben please` to a person, `orders please` to a queue."""
    user, word = arguments.named_first(args)
    if user:
        if wish.agent is None:
            return None
        return Transfer(wish.key, wish.at, wish.to, wish.by, wish.agent, "", word, wish.said)
    queue, _, word = args.partition(" ")
    if not queue or queue.startswith("@"):
        return None
    return Transfer(wish.key, wish.at, wish.to, wish.by, None, queue, word.strip(), wish.said)


def _resolve(args: str, wish: Wish) -> Made:
    silent, rest = arguments.flagged(args, SILENT)
    labels, reason = arguments.labelled(rest)
    to, undoable = (wish.key, wish.at, wish.to, wish.by), wish.undoable and not silent
    return Resolve(*to, reason, silent, wish.said, undoable, labels)


def _reject(args: str, wish: Wish) -> Made:
    return Reject(wish.key, wish.at, wish.to, wish.by, args, wish.said)


def _snooze(args: str, wish: Wish) -> Made:
    end = arguments.until(args, wish.at, wish.offset)
    return Snooze(wish.key, wish.at, wish.to, wish.by, end, wish.said) if end else None


def _wake(args: str, wish: Wish) -> Made:
    return None if args else Wake(wish.key, wish.at, wish.to, wish.by, wish.said)


def _reopen(args: str, wish: Wish) -> Made:
    return None if args else Reopen(wish.key, wish.at, wish.to, wish.by, wish.said)


def _note(args: str, wish: Wish) -> Made:
    if not args or wish.said:  # what is typed in a thread is a note by itself
        return None
    return AddNote(wish.key, wish.at, wish.to, wish.by, args)


def _by(wish: Wish) -> tuple[str, Micros, OfConversation, Author]:
    return wish.key, wish.at, wish.to, wish.by.as_author()


def _say(args: str, wish: Wish) -> Made:
    if not args:
        return None
    return Say(*_by(wish), args, wish.said, asker=wish.by)


def _template(args: str, wish: Wish) -> Made:
    """`hello`, and from the second line on what its sender made of it."""
    name, _, text = args.partition("\n")
    if len(name.split()) != 1:
        return None
    to = (wish.key, wish.at, wish.to, wish.by)
    return SendTemplate(*to, name.strip(), text.strip(), wish.said)


def _ask(args: str, wish: Wish) -> Made:
    """`#returns did it arrive?`"""
    channel, text = arguments.channel_first(args)
    if not channel or not text:
        return None
    return Ask(wish.key, wish.at, wish.to, wish.by, channel, text, wish.said)


def _do(args: str, wish: Wish) -> Made:
    """`refund 20`, or the fields of its form, a line for each."""
    parts = args.split(maxsplit=1)
    if not parts:
        return None
    text = args.strip()[len(parts[0]) :].strip()
    return RunAction(wish.key, wish.at, wish.to, wish.by, parts[0], text, wish.said)


def _undo(args: str, wish: Wish) -> Made:
    return None if args else Recall(wish.key, wish.at, wish.to, wish.by, wish.said)


def _priority(args: str, wish: Wish) -> Made:
    try:
        priority = Priority(args.strip().casefold())
    except ValueError:
        return None
    return SetPriority(wish.key, wish.at, wish.to, wish.by, priority, wish.said)


def _label(args: str, wish: Wish) -> Made:
    found = arguments.labels(args)
    if found is None:
        return None
    return SetLabels(wish.key, wish.at, wish.to, wish.by, *found, wish.said)


def _pause(args: str, wish: Wish) -> Made:
    if is_all(args):
        return switch(wish, on=False)
    return Pause(*_by(wish), args, wish.said, asker=wish.by)


def _resume(args: str, wish: Wish) -> Made:
    if is_all(args):
        return switch(wish, on=True)
    return None if args else Resume(*_by(wish), wish.said, asker=wish.by)


def _block(args: str, wish: Wish) -> Made:
    spam, reason = arguments.flagged(args, SPAM)
    return Block(*_by(wish), reason, spam, wish.said, asker=wish.by)


def _unblock(args: str, wish: Wish) -> Made:
    return None if args else Unblock(*_by(wish), wish.said, asker=wish.by)


def is_all(args: str) -> bool:
    """`all`: every conversation that the bot has."""
    return args.strip().casefold() == ALL


def switch(wish: Wish, *, on: bool) -> SwitchBot:
    """Every bot in all its conversations."""
    to = ToBot(DEFAULT_WORKSPACE, EVERY_BOT)
    return SwitchBot(wish.key, wish.at, to, wish.by.as_author(), on, said=wish.said, asker=wish.by)


def delete(wish: Wish) -> DeleteConversation:
    """Only what was asked and said yes to; the verb alone shows the question."""
    return DeleteConversation(*_by(wish), asker=wish.by)


@dataclass(frozen=True, slots=True)
class Verb:
    """`label` is on buttons and in menus, `usage` and `help` on the help page; `states`: when it
    fits; `done`: what is answered, with {which} (`#42, Sam Rivera`), {who}, {name} and {args}."""

    name: str
    label: str
    usage: str
    help: str
    about: About
    make: Maker | None = None
    states: frozenset[str] = frozenset()
    form: Form = Form.NONE
    group: str = ""
    done: str = ""
    at_once: bool = False
    """Its button does it without asking, though there is a form for more."""
    bare: bool = False
    """With nothing behind it, it only shows what there is."""

    @property
    def names(self) -> bool:
        """Whether its arguments name a person or a channel, by their ids."""
        return self.form in (Form.PERSON, Form.TRANSFER, Form.QUESTION)

    @property
    def looks(self) -> bool:
        """It only shows something."""
        return self.make is None

    def shows(self, args: str) -> bool:
        """Whether it only shows something, with these arguments."""
        return self.looks or (self.bare and not args.strip())


_H, _U, _D = About.HANDOFF, About.USER, About.DESK
WHO, STATE, TALK, MARKS, THE_BOT, THE_CUSTOMER, SHOW = (
    "Who has it", "Its state", "What is said", "Priority and labels",
    "The bot", "The customer", "Look",
)  # fmt: skip
TABLE: tuple[Verb, ...] = (
    Verb("assign", "Assign…", "me | @colleague", "take it, or give it to a colleague", _H,
         _assign, OPEN, Form.PERSON, WHO, "Assigned {which}, to {name}"),
    Verb("take", "Take over", "", "have it, also from the bot or a colleague", _U,
         _take, ALWAYS, Form.NONE, WHO, "Yours now: {which}"),
    Verb("transfer", "Transfer…", "@colleague | queue [word]", "hand it on, with a word", _H,
         _transfer, OPEN, Form.TRANSFER, WHO, "Transferred {which}, to {name}"),
    Verb("release", "Back to the queue", "", "give it back to the queue", _H,
         _release, frozenset({HAD, ASIDE}), Form.NONE, WHO, "Back in the queue: {which}"),
    Verb("resolve", "Resolve", "[reason] | silent | silent: reason", "done; the bot has it back",
         _H, _resolve, OPEN, Form.REASON, STATE, "Resolved {which}", at_once=True),
    Verb("reject", "Reject…", "[reason]", "not one for you", _H,
         _reject, OPEN, Form.REASON, STATE, "Rejected {which}"),
    Verb("snooze", "Snooze…", "2h | 30m | 3d | tomorrow | monday", "put it aside", _H,
         _snooze, OPEN, Form.TIME, STATE, "Snoozed {which}"),
    Verb("wake", "Wake", "", "end the snooze", _H,
         _wake, frozenset({ASIDE}), Form.NONE, STATE, "Awake again: {which}"),
    Verb("reopen", "Reopen", "", "go on after the end; takes a resolve back", _H,
         _reopen, frozenset({ENDED, ENDING}), Form.NONE, STATE, "Open again: {which}"),
    Verb("note", "Note…", "text", "a note that the customer never sees", _H,
         _note, OPEN | {ENDED, ENDING}, Form.TEXT, TALK, "Noted for {which}"),
    Verb("say", "Say as the desk…", "text", "to the customer, without taking it over", _U,
         _say, ALWAYS, Form.TEXT, TALK, "Sent to {which}, in the desk's name"),
    Verb("template", "Template…", "name", "a ready-made answer, or a macro; short: `t name`", _H,
         _template, OPEN, Form.TEMPLATE, TALK, "Sent to {which}", bare=True),
    Verb("ask", "Ask elsewhere…", "#channel text", "ask in another channel; answers come as notes",
         _H, _ask, OPEN, Form.QUESTION, TALK, "Your question is on its way: {which}"),
    Verb("do", "Action…", "name [text]", "an action of your own desk; short: `!name`", _H,
         _do, OPEN | {ENDED}, Form.ACTION, done="On its way: {name}, for {which}", bare=True),
    Verb("undo", "Recall my last reply", "", "take your last reply back from the customer", _H,
         _undo, OPEN | {ENDED}, Form.NONE, TALK, "Your last reply is taken back: {which}"),
    Verb("priority", "Priority…", "low | normal | high | urgent", "how urgent it is", _H,
         _priority, OPEN, Form.PRIORITY, MARKS, "Priority {args}: {which}"),
    Verb("label", "Labels…", "vip -spam", "one on, one off", _H,
         _label, OPEN, Form.LABELS, MARKS, "Labels {args}: {which}", bare=True),
    Verb("pause", "Pause the bot", "[all]", "keep the bot silent for this customer, or for all", _U,
         _pause, frozenset({BOT}), Form.NONE, THE_BOT, "The bot is silent for {who} now"),
    Verb("resume", "Resume the bot", "[all]", "let the bot answer again", _U,
         _resume, frozenset({PAUSED}), Form.NONE, THE_BOT, "The bot answers {who} now"),
    Verb("block", "Block…", "[reason] | spam | spam: reason", "nobody hears the customer any more",
         _U, _block, frozenset({HEARD}), Form.REASON, THE_CUSTOMER, "Blocked: {which}"),
    Verb("unblock", "Unblock", "", "hear the customer again", _U,
         _unblock, frozenset({BLOCKED}), Form.NONE, THE_CUSTOMER, "Unblocked: {which}"),
    Verb("delete", "Delete…", "", "delete all that was said; asks first", _U,
         None, ALWAYS, group=THE_CUSTOMER),
    Verb("profile", "Profile", "", "who the customer is", _U, None, ALWAYS, group=SHOW),
    Verb("history", "Whole conversation", "", "everything that was said", _U,
         None, ALWAYS, group=SHOW),
    Verb("menu", "More…", "", "the buttons that fit; in a thread `!` alone", _U),
    Verb("queue", "Queue", "", "who waits, and who has what", _D),
    Verb("mine", "Mine", "", "what you have", _D),
    Verb("live", "Live", "", "who is with the bot now", _D),
    Verb("find", "Find…", "text | is:mine label:vip newer:7d …",
         "by name, number, e-mail or words, and by filters", _D, form=Form.WORDS),
    Verb("online", "Go online", "", "you are there, and conversations may come to you", _D),
    Verb("away", "Go away", "", "you are given nothing new", _D),
    Verb("stats", "Figures", "", "today in figures", _D),
    Verb("help", "Help", "", "this page", _D),
)  # fmt: skip
VERBS: Mapping[str, Verb] = {verb.name: verb for verb in TABLE}
OF_SUPERVISORS = ("reject", "block", "unblock", "delete")
"""What `lifecycle.py` refuses an agent, whatever it is about."""


def command(verb: str, args: str, wish: Wish) -> Made:
    """The command for a verb and its arguments; None: nobody can know what is meant."""
    known = VERBS.get(verb)
    longest = MAX_TEXT if verb in ("say", "note", "template", "do") else MAX_REASON
    if known is None or known.make is None or len(args) > longest:
        return None
    return known.make(args.strip(), wish)


def person_in(verb: str, args: str) -> str | None:
    """The Slack id of who is named in the arguments, `me`; None: the verb names nobody."""
    if verb == "assign":
        return arguments.assignee(args)
    return arguments.named_first(args)[0] or None if verb == "transfer" else None
