"""Everything that the desk shows, a line each: how it is made of the worst there is to show.

Whoever adds a view adds its line here; `test_surfaces` names what is missing. Pure.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from types import CodeType, FunctionType
from typing import Any

import adapters.slack
from adapters.slack import (
    acts,
    alarms,
    announcing,
    approval,
    asks,
    blocks,
    card,
    deciding,
    finding,
    forms,
    helping,
    home,
    joining,
    labelling,
    lines,
    menus,
    moving,
    myself,
    own,
    pages,
    pickers,
    posts,
    questions,
    ready,
    replies,
    slash,
    stats,
    strays,
)
from adapters.slack.arguments import Aim
from adapters.slack.blocks import Body
from adapters.slack.targets import Target, of_view
from adapters.slack.verbs import TABLE, VERBS, About, Verb
from bridge import reviewing
from bridge.actions import Action, Actions, Field
from bridge.alert_words import Item, Notice
from bridge.commands import Accepted, Rejected, Suggested
from bridge.effects import Line
from bridge.gates import Act, Approval, Stand, Vote
from bridge.introducing import Profile
from bridge.labels import Labels
from bridge.lists import Sort
from bridge.model import SECOND, ContactId, ConversationId, Role, Standing
from bridge.queues import WrapUp
from bridge.settling import SUGGESTION
from bridge.templates import Templates
from bridge.views import LinePost
from tests.adapters.slack.things import ANA, NOW, WORKSPACE
from tests.adapters.slack.worst import Worst

Shown = Body | forms.View
"""A message's body, or a modal's or Home's view."""
GOAL = 300 * SECOND
FILE = {"name": "label.pdf", "mime": "application/pdf", "size": 5, "ref": "fil_1"}
OF_SOMEBODY = [verb for verb in TABLE if verb.about is not About.DESK]
MOST_ACTIONS = 20
"""That the settings may name."""
ASKING = [verb for verb in TABLE if verb.form in forms.FIELDS]


def _cards(w: Worst) -> Iterator[Body]:
    for view in w.views:
        yield card.card(view, private=True, goal=GOAL, opens=NOW, now=NOW, never=())
    for view in w.views[1::3]:
        yield card.card(view, "eff_1", notes_first=True, again="1.2", now=NOW + 10**12)
        yield card.moved(view, "C012AB3CD")


def _forms(w: Worst) -> Iterator[forms.View]:
    for target in (w.targets[0], w.targets[-1]):
        yield from (forms.form(verb, target, w.queues * 3) for verb in ASKING)
    yield from (forms.form(verb, None) for verb in ASKING)


def _wrap_ups(w: Worst) -> Iterator[forms.View]:
    """Names as long as the settings take them, and more of them than Slack does."""
    labels = tuple(f"{n:03}{'😀' * 57}" for n in range(150))
    outcomes = tuple(f"{n:03}{' & ' * 18}<!x>" for n in range(150))
    bare = _with_labels(w, ())
    for target, wanted in ((bare, WrapUp(True)), (w.targets[1], WrapUp(True, labels, outcomes))):
        yield from (forms.wrap_up(target, wanted, each) for each in ("", w.text[:1_500]))


def _labels(w: Worst) -> Iterator[Shown]:
    """Names as long as the settings take them, and more of them than a list does."""
    long = tuple(f"{n:03}{'😀' * 57}" for n in range(150))
    for labels in (Labels(), Labels(long, free=False), Labels(long)):
        for target in (w.targets[1], _with_labels(w, long), w.targets[-1]):
            yield from (labelling.form(labels, target), labelling.page(labels, target))


def _with_labels(w: Worst, labels: tuple[str, ...]) -> Target:
    return of_view(replace(w.views[1], handoff=replace(w.views[1].handoff, labels=labels)))


def _own(w: Worst) -> Iterator[Shown]:
    """As long as the settings take them."""
    field = Field("x" * 40, "😀" * 60)
    fields = tuple(replace(field, name=f"{n:040}", multiline=n % 2 == 0) for n in range(10))
    made = Action("a" * 40, "&" * 60, fields)
    many = Actions(tuple(replace(made, name=f"{n:040}") for n in range(MOST_ACTIONS)))
    yield from (own.page(each, w.targets[1]) for each in (many, Actions()))
    yield menus.menu(w.targets[1], w.by, own=many)
    yield own.form(made, w.targets[1])
    yield card.card(w.views[1], never=(), own=many)


def _asked(w: Worst) -> Iterator[Shown]:
    """Elsewhere, and what is told of it in the thread."""
    question, view = w.said(1, Role.AGENT), w.views[1]
    back = f"https://{'acme' * 15}.slack.com/archives/C012AB3CD/p1763700000000100"
    for way in (back, ""):
        yield questions.asked_body(view, question, way, "eff_1")
    for detail in ("C012AB3CD", "", "no_such_place\nC012AB3CD", "odd\n"):
        for kind in (Line.ASKED, Line.NOT_ASKED):
            yield lines.line(view, LinePost(kind, question, ANA, w.name, detail), "eff_1")


def _alerts(w: Worst) -> Iterator[Shown]:
    """As long as `telling` makes them."""
    items = [
        Item(f"{w.name[:64]} · for 2 days", "hnd_1", 10**6 + n, w.text[:150]) for n in range(10)
    ]
    way = f"https://{'acme' * 15}.slack.com/archives/C012AB3CD/p1763700000000100"
    notice = Notice(
        "alert:1", "10 new handoffs; 3 handoffs wait, the oldest for 12 min", items, 10**6
    )
    yield announcing.shown(notice, [way, "", *[way] * 8])
    drafts = [replace(each, about="apr_" + "f" * 32, link=way) for each in items]
    waits = "10 drafts of bots to be approved, 3 of them new, the oldest for 12 min"
    yield announcing.shown(Notice("alert:3", waits, drafts, 10**6), [""] * 10)
    over = Notice("alert:2", "Connected again, after 12 min", (Item("slack socket"),), over=True)
    yield announcing.shown(over, [""])


def _suggested(w: Worst) -> Iterator[Shown]:
    for kind in Suggested:
        held = w.said(1, Role.BOT, standing=Standing.HELD, held_for=f"{SUGGESTION}{kind}")
        yield lines.line(w.views[1], LinePost(Line.SUGGESTED, held, "", w.name), "eff_1")
        for text in (w.text, w.text[:3_000], "&" * 3_000):
            yield helping.suggestion_form(replace(held, text=text), w.targets[1])


def _answers(w: Worst) -> Iterator[Body]:
    """To a command: what was done, or why not."""
    target, longest = w.targets[1], "&" * 2_000
    given = (Rejected(f"unfilled\n{w.text[:600]}"), Accepted({"held": "leak:iban"}))
    for verb in (each for each in OF_SOMEBODY if each.done):
        yield acts._answered(verb, target, Accepted(), w.name, longest).body
    for answer in given:
        yield acts._answered(VERBS["say"], target, answer, w.name, longest).body
    yield from (acts._with_a_person(VERBS[name], target) for name in acts.SWITCHES)
    for reason in replies.REFUSALS:
        yield replies.plain(replies.refusal(reason, customer=w.name, name=w.name))


def _approvals(w: Worst) -> Iterator[Shown]:
    """Drafts of words and of actions, in every state, and every form of them."""
    words = {"text": w.text, "buttons": [{"text": w.text[:80]}], "attachments": [FILE]}
    parts = {"a": {"type": "string"}, "b": {"enum": ["x", "y"]}, "c": {"type": "boolean"}}
    form = {"type": "object", "properties": {**parts, "d": {"title": w.text[:500]}}}
    action = {"a": w.text[:2_900], "b": "y", "c": True, "d": [{}]}
    for draft, schema in ((words, None), (action, form), ([w.name] * 99, None)):
        it = _approval(w, draft, schema)
        yield from _shown(w, it)
        yield deciding.whole(it)
        for act in (Act.EDIT, *deciding.ASKS):
            yield deciding.form(deciding.Wish(act, it.id, 1), it)


def _approval(w: Worst, draft: Any, form: Any) -> Approval:
    votes = tuple(Vote(ANA, w.name, "approve", NOW) for _ in range(20))
    return Approval(
        *("apr_1", WORKSPACE, w.views[0].conversation.id),
        title=w.text[:200],
        draft=draft,
        form=form,
        value=draft,
        quorum=20,
        votes=votes,
        why=w.text[:500],
        decided_name=w.name,
        reason=w.text[:3_000],
        created_at=NOW,
        expires_at=NOW + GOAL,
    )


def _shown(w: Worst, it: Approval) -> Iterator[Body]:
    said, contact = (*w.messages[:3], w.said(9, deleted=True)), w.views[0].contact
    for private in (True, False):
        about = reviewing.Shown(it, contact, None, said)
        yield approval.card(about, "apr_1", (ANA, "S1"), private=private)
    yield approval.call(reviewing.Shown(it), (ANA,), "apr_1/again")
    edited = replace(it, value={"text": w.text[::-1]}, revision=2)
    for status in Stand:
        for send, not_sent in ((True, ""), (True, "human_in_control"), (False, "")):
            now = replace(edited, status=status, send=send, not_sent=not_sent)
            yield approval.card(reviewing.Shown(now), "apr_1")
    for reason in ("timeout", "conversation_deleted"):
        gone = replace(it, status=Stand.EXPIRED, reason=reason, draft=None, value=None)
        yield approval.card(reviewing.Shown(gone), "apr_1")


def _homes(w: Worst) -> Iterator[forms.View]:
    held = w.messages * 3
    draft = Approval("apr_1", w.views[0].conversation.workspace_id, w.views[0].conversation.id)
    asked = replace(draft, title=w.text[:200], asked_by=w.name, created_at=1, expires_at=10**15)
    votes = (
        home.Vote(asked, w.views[0].contact, w.links["hnd_1"]),
        home.Vote(replace(asked, id="apr_2")),
    )
    nothing = home.Glance((), (), w.figures)
    yield home.home(replace(nothing, votes=votes, votes_in_all=10**6))
    for seat, views in ((w.seat, w.views * 6), (None, ())):
        yield home.home(home.Glance(views, views, w.figures, held, 10**6, w.links, seat, w.queues))


def _found(w: Worst) -> Iterator[Body]:
    for views in (w.views * 6, ()):
        yield finding.page(w.text[:300], views, w.links, Sort.NEWEST)
    yield finding.not_understood(w.text[:300])


def _work(w: Worst) -> Iterator[Shown]:
    had = [
        replace(view, handoff=replace(view.handoff, assignee=w.by.id, assignee_name=w.name))
        for view in w.views
    ]
    for views in (had, ()):
        yield moving.form(views, w.by.id, w.queues)
    yield moving.moved(("#42",), w.name[:60], {w.name[:60]: "That cannot be done."})
    yield moving.gone(replies.plain(w.name), w.by, 5.0)
    yield moving.gone(None, w.by, 0.0)
    yield moving.absent(w.text[:300])


def _myself(w: Worst) -> Iterator[Shown]:
    known = Profile(WORKSPACE, w.by.id, w.name[:80], "https://shop.example/me.png", ("en", "fr"))
    for profile in (known, None):
        yield myself.form(w.by, profile)
    yield myself.saved({myself.NAME: w.name[:80], myself.LANGUAGES: "en fr"})


def _joined(w: Worst) -> Iterator[Shown]:
    """Two people who are many already, of whom more is known than there is room for, or nothing;
    one of them is blocked, or none."""
    one, nobody = w.targets[1].contact, replace(w.targets[1].contact, name="", email="")
    known = {f"{n}{w.text[:100]}": n for n in range(30)}
    plan = {"plan": w.text[:100], "size": {"of": [w.name]}}
    many = [replace(one, id=ContactId(f"con_{n}")) for n in range(30)]
    other = replace(one, id=ContactId("con_o"), attributes=known | plan, blocked_at=NOW)
    all_of_them = joining.Side(other, (other, *many), 10**6, 100, more=True)
    bare = joining.Side(replace(nobody, attributes={}), (nobody,))
    for mine, theirs in ((joining.Side(one, (one,)), all_of_them), (all_of_them, bare)):
        for may in (True, False):
            yield joining.preview("cnv_1 cnv_2", mine, theirs, may_block=may)
    yield joining.preview("cnv_1 cnv_2", bare, bare, may_block=False)
    others = [
        replace(each, conversation=replace(each.conversation, id=ConversationId(f"cnv_{n}")))
        for n, each in enumerate(w.targets * 4)
    ]
    for target in w.targets:
        yield joining.form(target)
        yield joining.found(target, others)
        yield joining.told(one, target.contact, already=target.is_open)
        yield pages.profile(target, others=many)


def _pickers(w: Worst) -> Iterator[Body]:
    args = w.text if pickers.fits(pickers.Choice("say", "x" * 40, w.text)) else "&" * 1_900
    yield from (pickers.which(VERBS[verb], w.targets, args) for verb in ("menu", "say", "label"))


def _of_verbs(make: Callable[[Verb], Shown]) -> Iterator[Shown]:
    return (make(verb) for verb in TABLE)


SURFACES: Mapping[str, Callable[[Worst], Iterable[Shown]]] = {
    "card": _cards,
    "what is said": lambda w: (posts.said(w.views[4], each, "eff_1") for each in w.posts),
    "what is said, in private": lambda w: (
        posts.said(w.views[4], each, "eff_1", private=True) for each in w.posts[:3]
    ),
    "preview": lambda w: (posts.preview(w.views[0], each, "eff_1") for each in w.previews),
    "line": lambda w: (
        lines.line(view, post, "eff_1", replies.meant((w.name,))) for view, post in w.lines
    ),
    "false alarm": lambda w: (
        alarms.called(body.blocks, body.blocks[0]["block_id"], w.text[:2_000])
        for view, post in w.lines
        if post.line is Line.TRIGGERED
        for body in [lines.line(view, post, "eff_1")]
    ),
    "decided": lambda w: (
        lines.chosen(view, how, w.name)
        for how in ("sent", "note", "deleted", "taken", "ended")
        for view in (w.views[0], w.views[7])
    ),
    "form": _forms,
    "wrap up": _wrap_ups,
    "labels": _labels,
    "actions of one's own": _own,
    "question put elsewhere": _asked,
    "alert": _alerts,
    "suggestion": _suggested,
    "add as note": lambda w: [forms.note_from(w.text, w.views * 5, w.views[1].handoff.id)],
    "result in a modal": lambda w: [forms.shown(replies.plain(w.text[:2_000]))],
    "picker of templates": lambda w: (
        ready.picker(w.templates, w.targets[1], w.by, name)
        for name in ("", *(w.templates.names[n] for n in (0, 2, -1)))
    ),
    "templates": lambda w: [ready.page(w.templates, w.targets[1], w.by)],
    "no templates": lambda w: [ready.picker(Templates(), w.targets[1], w.by)],
    "menu": lambda w: (menus.menu(target, w.by) for target in w.targets),
    "which": _pickers,
    "handoffs": lambda w: [pickers.lines(w.text[:100], w.views, w.links, "Nobody.")],
    "no handoffs": lambda w: [pickers.lines("Waiting", (), {}, "Nobody.")],
    "users": lambda w: [asks._users(w.text[:100], w.targets, "Nobody.")],
    "profile": lambda w: map(pages.profile, w.targets),
    "history": lambda w: [
        pages.history(w.targets[1], (w.messages * 2)[: pages.PAGE], older=True),
        pages.history(w.targets[1], (), older=False),
    ],
    "delete": lambda w: map(pages.delete, w.targets),
    "figures": lambda w: (
        stats.stats(w.figures, w.figures, today, "America/Argentina/ComodRivadavia")
        for today in (None, w.today)
    ),
    "answer": _answers,
    "usage": lambda _: _of_verbs(replies.usage),
    "help": lambda _: [replies.help_page("I do not know that command.")],
    "unknown": lambda _: [slash._unknown(Aim(number=10**9)), slash._unknown(Aim())],
    "stray": lambda w: [strays.went_to_nobody(w.views, dict(w.links))],
    "no stray": lambda _: [strays.went_to_nobody((), {})],
    "home": _homes,
    "not sent": lambda w: [home.stuck(w.messages, w.links), home.stuck((), {})],
    "find": lambda w: [finding.form([*w.queues, "default"]), finding.form(("default",))],
    "found": _found,
    "work to move": _work,
    "my profile": _myself,
    "same person": _joined,
    "approval": _approvals,
    "go online": lambda w: [replies.online_first("assign_me", w.views[0].handoff.id)],
    "nobody's home": lambda _: [home.nobody(replies.NOT_MEMBER)],
}


# --- what there is -------------------------------------------------------------------------------

READING = frozenset({"mrkdwn"})
"""Modules that make blocks of what Slack tells, to be read."""
_MADE = re.compile(r"\b(Body|Block|View)\b")


def makers() -> dict[CodeType, str]:
    """Every function of the desk that makes something to look at, or a part of it: who promises a
    body, a view or blocks. Methods only pass on what these have made, and the workspace of the
    desk's own tests looks at that."""
    found: dict[CodeType, str] = {}
    for module in pkgutil.iter_modules(adapters.slack.__path__):
        if module.name in READING:
            continue
        loaded = importlib.import_module(f"{adapters.slack.__name__}.{module.name}")
        for name, made in vars(loaded).items():
            if isinstance(made, FunctionType) and _makes(made, loaded):
                found[made.__code__] = f"{module.name}.{name}"
    return found


def _makes(made: FunctionType, module: Any) -> bool:
    promised = str(made.__annotations__.get("return", ""))
    kinds = {getattr(module, name, None) for name in _MADE.findall(promised) if name != "View"}
    views = "View" in promised and getattr(module, "View", None) == forms.View
    ours = made.__module__ == module.__name__ and not inspect.iscoroutinefunction(made)
    return ours and (views or Body in kinds or "Block" in promised)


def words_of(shown: Any) -> int:
    """Units of all the words in it, as they count for a message."""
    if isinstance(shown, list):
        return sum(words_of(each) for each in shown)
    if not isinstance(shown, dict):
        return 0
    own = blocks.units(shown["text"]) if isinstance(shown.get("text"), str) else 0
    return own + sum(words_of(each) for each in shown.values())
