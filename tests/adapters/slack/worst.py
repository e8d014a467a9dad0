"""The worst that people are called and write, and everything that a desk may have to show of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC
from functools import cache, cached_property
from typing import Any

from adapters.slack import replies
from adapters.slack.targets import Target, of_view
from bridge.attending import Seat
from bridge.effects import Line
from bridge.gates import Stand
from bridge.model import (
    SECOND,
    Agent,
    AgentId,
    Attachment,
    Author,
    Awaiting,
    Button,
    ConversationId,
    HandoffId,
    Message,
    MessageId,
    Mode,
    Priority,
    Role,
    Standing,
    Status,
    Visibility,
)
from bridge.reports import GOALS, Period, Report
from bridge.templates import Macro, Template, Templates
from bridge.views import CustomerPost, Figures, LinePost, PreviewPost, View
from tests.adapters.slack.texts import EVIL
from tests.adapters.slack.things import ANA, BEN, NOW, WORKSPACE, contact, conversation, message
from tests.adapters.slack.things import handoff as handoff_of
from tests.past import Draft, Firing, One, oversight, report
from tests.thorough import THOROUGH

LONGEST = 10_000
"""Characters of a text, as in the webchat."""
LONG = 3_500
"""More than any one block takes."""
NAMES: Mapping[str, str] = {
    "emoji": "😀" * 300,
    "families": "👨‍👩‍👧‍👦" * 60,
    "Arabic": "عبد الرحمن بن محمد آل سعود " * 12,
    "Hebrew": "אלישבע בת־שבע מזרחי־לוי " * 12,
    "overriding": "\u202egnp.exe\u202c \u2067maS\u2069 \u200f" * 20,
    "marks": "Z̷̢a̸l̴g̷o̶" * 60,
    "markup": EVIL,
    "hidden": "\x00\x07\u200b\ufeff" * 70,
    "one word": "Wolfeschlegelsteinhausenbergerdorff" * 9,
    "nothing": "",
}
SENTENCES: Mapping[str, str] = {
    "en": "I've been waiting for my parcel <@U1> & nobody @here tells me *anything*: why?! ",
    "fr": "J’attends mon colis depuis l’été dernier, qu’est-ce que c’est ? « Œuvre » & <b> ",
    "de": "Donaudampfschifffahrtsgesellschaftskapitänsmützenaufbewahrung, Straße 7 & <Tür> ",
    "es": "¿Por qué nadie contesta? ¡Llevo tres añísimos esperando mi pingüino! & <!here> ",
}
WITH: Mapping[str, tuple[str, ...]] = {
    "en": ("markup", "nothing"),
    "fr": ("Hebrew", "families"),
    "de": ("Arabic", "hidden", "one word"),
    "es": ("overriding", "marks"),
}
"""Which names besides that of emoji are looked at with which language; the first is a text, too."""
HELD_FOR = ("foreign", "window_closed", "ended", "correction", "leak:iban", ",".join(replies.HELD))
DETAILS = ("", "self", "lead", "resolved", "orders", f"{NOW}", "file:0+7:odd", "fetch:odd")


@dataclass(frozen=True)
class Worst:
    """Somebody of that name, who writes nothing but that text, in that language. Everybody else on
    the desk is called the same, and every list is as long as it can be."""

    name: str
    text: str
    language: str

    @property
    def by(self) -> Agent:
        return Agent(AgentId(ANA), self.name, queues=self.queues)

    @cached_property
    def queues(self) -> tuple[str, ...]:
        return tuple(f"{n:02}{'-very-long-queue' * 4}"[:64] for n in range(50))

    @cached_property
    def files(self) -> tuple[Attachment, ...]:
        """Named as they are kept (`bridge.filetypes`)."""
        names = [f"{n}{self.name}"[:96] + ".png" for n in range(10)]
        return tuple(Attachment(name, "image/png", 1, "r") for name in names)

    def said(self, number: int = 1, role: Role = Role.USER, **fields: Any) -> Message:
        author = Author(role, BEN, self.name)
        given = message(self.text, author=author, attachments=self.files)
        buttons = tuple(Button(self.text[:80]) for _ in range(13)) if role is Role.BOT else ()
        made = replace(given, id=MessageId(f"msg_{number}"), seq=number, buttons=buttons)
        return replace(made, handoff_id=HandoffId("hnd_0"), **fields)

    @cached_property
    def messages(self) -> tuple[Message, ...]:
        """Of everybody, held, failed, removed, inside."""
        return (
            *(self.said(n, role) for n, role in enumerate(Role, 1)),
            *(self.said(10 + n, Role.AGENT, standing=each) for n, each in enumerate(Standing)),
            *(self.said(20 + n, standing=Standing.HELD, held_for=why)
              for n, why in enumerate(HELD_FOR)),
            self.said(30, Role.AGENT, visibility=Visibility.INTERNAL),
            self.said(31, deleted=True),
        )  # fmt: skip

    @cached_property
    def views(self) -> tuple[View, ...]:
        """A handoff in every state, for each of those who may wait, and one without a number."""
        states = [(state, who) for state in Status for who in Awaiting]
        made = [self.view(n, state, who) for n, (state, who) in enumerate(states)]
        ending = replace(made[4].handoff, id=HandoffId("hnd_y"), ends_at=NOW)
        nameless = replace(made[0].handoff, id=HandoffId("hnd_x"), number=0)
        return (*made, replace(made[4], handoff=ending), replace(made[0], handoff=nameless))

    def view(self, number: int, status: Status, awaiting: Awaiting) -> View:
        handoff = handoff_of(
            id=HandoffId(f"hnd_{number}"), status=status, number=10**9 - number,
            title=self.text[:300], description=self.text[::-1], summary=self.text,
            reason_text=self.text,
            priority=Priority.URGENT, queue=self.queues[0], assignee=AgentId(ANA),
            assignee_name=self.name, closed_by=self.name, closed_at=NOW + 10**15,
            outcome=self.text, snoozed_until=NOW,
            labels=tuple(f"{n}{self.text[:57]}" for n in range(100)),
        )  # fmt: skip
        talk = conversation(
            id=ConversationId(f"cnv_{number}"), awaiting=awaiting, locale=self.language,
            page_url=f"https://shop.example/{'x' * 1_900}", page_title=self.text,
            channel="messenger", device="Samsung Internet on Android",
            time_zone="America/Argentina/ComodRivadavia",
        )  # fmt: skip
        known = {f"{n}{self.text[:100]}": {"in": self.text} for n in range(5)} | {"plan": "x" * 60}
        person = contact(
            name=self.name, email=f"{'x' * 240}@acme.test", locale=self.language, attributes=known
        )
        return View(handoff, talk, person, earlier=10**9, answer_until=NOW + 3_600 * SECOND)

    @cached_property
    def targets(self) -> tuple[Target, ...]:
        """With a handoff and without, with the bot and paused."""
        one = self.views[0]
        bots = replace(one.conversation, mode=Mode.BOT, user_at=NOW)
        paused = replace(bots, id=ConversationId("cnv_x"), paused_by=self.name)
        alone = (Target(bots, one.contact), Target(paused, one.contact))
        states = {view.handoff.status: view for view in self.views[:-2]}
        return (*map(of_view, (*states.values(), *self.views[-2:])), *alone)

    @cached_property
    def posts(self) -> tuple[CustomerPost, ...]:
        """What is said comes in parts of at most 2,900 characters (`bridge.texts.split`)."""
        part = self.text[:2_900]
        also = tuple(self.said(n, role=Role.USER) for n in range(40, 42))
        short = replace(self.said(), text=self.text[:900])
        merged = tuple(replace(each, text=self.text[:900]) for each in also)
        return (
            *(CustomerPost(each, part, mention=ANA) for each in self.messages),
            CustomerPost(self.messages[0], part, 1, 4),
            CustomerPost(short, short.text, also=merged, mention="@here"),
        )

    @cached_property
    def previews(self) -> tuple[PreviewPost, ...]:
        return (PreviewPost(self.messages[-20:], 10**6), PreviewPost((), so_far=True))

    @property
    def lines(self) -> Iterator[tuple[View, LinePost]]:
        """Each line for each reason, and each of those about a message for each message."""
        for kind in Line:
            for detail in (*DETAILS, self.name, f"evt_1\t{self.name}\t{self.name}\nevt_2\tb\tc"):
                yield self.views[4], LinePost(kind, None, ANA, self.name, detail)
            for shown in (self.views[1], self.views[7]):
                yield shown, LinePost(kind, self.messages[0], "@here", self.name, self.name)
        for kind in (Line.HELD, Line.STILL_HELD, Line.FAILED, Line.RECALL):
            for said in self.messages:
                yield self.views[-1], LinePost(kind, said, "", self.name, said.held_for)
        for detail in DETAILS:
            yield self.views[4], LinePost(Line.FAILED, self.messages[0], detail=detail)

    @property
    def templates(self) -> Templates:
        """As many as the settings allow, in four languages, with places nobody knows to fill."""
        most = self.name == NAMES["emoji"] and self.language == "en"
        return _templates(500 if most else 5)

    @property
    def figures(self) -> Figures:
        return Figures(10**9, 10**9, 10**9, 10**9, 10**15)

    @property
    def today(self) -> Report:
        """A hundred queues, and lengths of years."""
        begun, far = NOW - 10**15, NOW - 10**15 + 10**14
        plain = One(
            *(begun, "resolved", "", ANA, self.name, "webchat", (), far, far, far),
            asked=True,
            score=5,
        )
        rows = [plain._replace(queue=f"{n}{self.name}") for n in range(100)] * 100
        period = Period(begun, begun + 1, UTC)
        drafts = [Draft(self.name, status, begun, far) for status in Stand] * 10**3
        fired = [Firing(f"{self.name}{n % 50}", "words", True, n % 2 == 0) for n in range(10**3)]
        made = report(rows, {plain.id: frozenset(GOALS)}, period)
        return replace(made, oversight=oversight(drafts, fired))

    @property
    def seat(self) -> Seat:
        return Seat(WORKSPACE, AgentId(ANA), online=True)

    @cached_property
    def links(self) -> Mapping[str, str]:
        url = f"https://{'acme' * 15}.slack.com/archives/C012AB3CD/p1763700000000100"
        return {str(view.handoff.id): url for view in self.views}


@cache
def _templates(number: int) -> Templates:
    gaps = "{{userName}} {{attributes.order}} {{agentName}} "
    long = {each: (gaps + text * 200)[:LONGEST] for each, text in SENTENCES.items()}
    short = {each: gaps + text for each, text in SENTENCES.items()}
    names = [f"{n:03}{'😀' * 37}" for n in range(number)]
    shortcuts = [Template(each, long if n < 2 else short) for n, each in enumerate(names)]
    steps = ("t " + "y" * 490,) * 40
    macros = [Macro(f"m{n:03}{'x' * 36}", steps) for n in range(number // 5)]
    return Templates(shortcuts=tuple(shortcuts), macros=tuple(macros))


def worst(language: str) -> Iterator[Worst]:
    """Somebody of each name, with the longest text in that language or with their name as text.
    `make soak` looks at the other names with a long text, too."""
    text = (SENTENCES[language] * 200)[:LONGEST]
    yield Worst(NAMES["emoji"], text, language)
    for kind in WITH[language] if THOROUGH else ():
        yield Worst(NAMES[kind], text[:LONG], language)
    name = NAMES[WITH[language][0]]
    yield Worst(name, (name * (LONG // len(name) + 1))[:LONG], language)
