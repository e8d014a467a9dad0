"""*Same person as…*: who has written in another conversation, too, is looked for, and after a look
at what becomes one they are one person with this customer. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from adapters.slack import forms
from adapters.slack.blocks import Block, Body, actions, button, cut, escape, row, words
from adapters.slack.facts import text_of
from adapters.slack.forms import ARG, View
from adapters.slack.menus import CHOICE_SEPARATOR
from adapters.slack.names import customer_name, safe_name
from adapters.slack.pickers import ROWS, listed, summary
from adapters.slack.targets import Target
from bridge.model import Contact
from bridge.persons import blocks_somebody, known_of_both

SAME, CHOSEN = "same_person", "same_chosen"
"""Buttons: of a profile, whose customer they are; of what was found, which two are meant."""
FIND, MERGE = "same_find", "same_merge"
"""callback_ids of both forms."""
TITLE = "Same person as…"
MOST_FACTS, MAX_FACT = 10, 80
HINT = "Name, e-mail, number, an attribute, or what was said"


@dataclass(frozen=True, slots=True)
class Side:
    """One of both, with everybody who is one person with them, and how much there is of that
    person: notes of colleagues, handoffs (`more`: than were counted)."""

    contact: Contact
    everybody: tuple[Contact, ...]
    notes: int = 0
    handoffs: int = 0
    more: bool = False

    @property
    def amount(self) -> str:
        """`3 notes and 1 handoff`"""
        many = f"over {self.handoffs}" if self.more else str(self.handoffs)
        notes = f"{self.notes} note{'s' * (self.notes != 1)}"
        return f"{notes} and {many} handoff{'s' * (self.handoffs != 1)}"


def press(target: Target) -> Block:
    label = f"{TITLE.rstrip('…')} {target.read_out}"
    return button(SAME, TITLE, target.conversation.id, label)


def form(target: Target) -> View:
    element: Block = {"type": "plain_text_input", "action_id": ARG, "max_length": 300}
    element["placeholder"] = forms.plain(HINT)
    blocks = [
        row([*words(target.called, bold=True), *words(" has written in another place, too.")]),
        forms.field(ARG, "Who is the same person?", element),
    ]
    made = forms.window(TITLE, blocks, FIND, "Find")
    return {**made, "private_metadata": str(target.conversation.id)}


def found(target: Target, others: Sequence[Target]) -> Body:
    """With a button for each, which shows what would become one."""
    rows: list[Block] = []
    for other in others[:ROWS]:
        value = f"{target.conversation.id}{CHOICE_SEPARATOR}{other.conversation.id}"
        label = f"This one, {customer_name(other.contact)}: see what becomes one"
        email = words(f" · {cut(other.contact.email, MAX_FACT)}" if other.contact.email else "")
        press = button(CHOSEN, "This one…", value, label)
        rows += [row([*summary(other), *email]), actions([press], f"same:{other.conversation.id}")]
    return listed(f"Who is the same person as {target.called}?", rows, len(others))


def read(value: str) -> tuple[str, str]:
    """The conversations of the one and of the other."""
    one, _, other = value.partition(CHOICE_SEPARATOR)
    return one, other


# --- what becomes one ----------------------------------------------------------------------------


def preview(value: str, mine: Side, other: Side, *, may_block: bool) -> View:
    """`value`: as of the button. Without a way to say yes, where it is not theirs to say."""
    blocks = [row(_both(mine.contact, other.contact)), *map(row, _told(mine, other))]
    if blocks_somebody((*mine.everybody, *other.everybody)) and not may_block:
        blocks.append(row(words("That blocks somebody, which only supervisors do.", bold=True)))
        return forms.shown(Body("", blocks), TITLE)
    blocks.append(row(words("It cannot be undone.", bold=True)))
    return {**forms.window(TITLE, blocks, MERGE, "Merge"), "private_metadata": value}


def _both(mine: Contact, other: Contact) -> list[Block]:
    return [*_named(mine), *words(" and "), *_named(other), *words(" become one person.")]


def _named(contact: Contact) -> list[Block]:
    """`Sam Rivera (messenger · sam@example.org)`"""
    known = " · ".join(filter(None, [contact.channel, cut(contact.email, MAX_FACT)]))
    return [*words(customer_name(contact), bold=True), *words(f" ({known})")]


def _told(mine: Side, other: Side) -> list[list[Block]]:
    """A line for each thing, with what it is about in bold."""
    here, there = mine.contact, other.contact
    lines = {
        "Shown together": f"{mine.amount} of the first, {other.amount} of the second",
        "Stays as it is": "conversations, names and e-mail addresses; neither sees anything of it",
        **_nameless(here, there),
        **_also(mine, other),
        **_attributes(here, there),
        **_blocked((*mine.everybody, *other.everybody)),
    }
    return [[*words(f"{name}: ", bold=True), *words(f"{text}.")] for name, text in lines.items()]


def _nameless(here: Contact, there: Contact) -> dict[str, str]:
    name = here.name or there.name
    if (here.name and there.name) or not name:
        return {}
    return {"Name": f"{safe_name(name)}, for both"}


def _also(mine: Side, other: Side) -> dict[str, str]:
    """Who is one with either comes along."""
    both = (mine.contact.id, other.contact.id)
    more = [each for each in (*mine.everybody, *other.everybody) if each.id not in both]
    named = [f"{customer_name(each)} ({each.channel})" for each in more]
    return {"One with them already": _listed(named)} if named else {}


def _attributes(here: Contact, there: Contact) -> dict[str, str]:
    """Which stands where both have one, what fills a gap, and what there is no room for."""
    mine, theirs, kept = here.attributes, there.attributes, known_of_both(here, there)
    differ = [name for name in mine if name in theirs and mine[name] != theirs[name]]
    gained = [name for name in {**theirs, **mine} if (name in mine) != (name in theirs)]
    stands = [
        f"{_fact(name, mine)} stays, {_value(theirs[name])} goes" for name in differ if name in kept
    ]
    lost = [name for name in {**theirs, **mine} if name not in kept]
    told = {
        "Differs": _listed(stands),
        "Known of one, then of both": _listed([_fact(n, kept) for n in gained if n in kept]),
        "Too much to be kept": _listed([cut(name, MAX_FACT) for name in lost]),
    }
    return {name: text for name, text in told.items() if text}


def _fact(name: str, of: Mapping[str, object]) -> str:
    return f"{cut(name, MAX_FACT)} {_value(of[name])}"


def _value(value: object) -> str:
    return f"“{cut(text_of(value), MAX_FACT)}”"


def _listed(texts: Sequence[str]) -> str:
    rest = len(texts) - MOST_FACTS
    return ", ".join([*texts[:MOST_FACTS], *([f"and {rest} more"] if rest > 0 else [])])


def _blocked(everybody: Sequence[Contact]) -> dict[str, str]:
    if not blocks_somebody(everybody):
        return {"From then on": "who blocks one of them blocks both"}
    names = [customer_name(each) for each in everybody if each.blocked_at]
    return {"Blocked": f"{_listed(names)}; then all of them are, and what is open ends"}


def told(mine: Contact, other: Contact, *, already: bool) -> Body:
    names = f"{customer_name(mine)} and {customer_name(other)}"
    text = f"{names} are one person {'already' if already else 'now'}."
    return Body(escape(text), [row(words(text))])
