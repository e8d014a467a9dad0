"""Buttons and menus: each is one command, and what came of it is told to who pressed.

A button's `action_id` is the verb's name and its `value` the id of what it is about: a handoff or a
conversation; a message on the lines about held and failed ones. A verb that needs to know more
opens its form. The click is known by who, when and what, so that Slack may tell of it twice.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from adapters.slack import (
    alarms,
    deciding,
    filled,
    finding,
    forms,
    helping,
    home,
    ids,
    joining,
    labelling,
    menus,
    moving,
    own,
    pages,
    ready,
    replies,
)
from adapters.slack.acts import Acts, Asked, Done
from adapters.slack.asks import Asks
from adapters.slack.blocks import Body
from adapters.slack.buttons import BUTTONS
from adapters.slack.deciding import Wish
from adapters.slack.lines import settled
from adapters.slack.members import Members
from adapters.slack.persons import Persons
from adapters.slack.pickers import ASSIGN_ME, Choice, read_choice
from adapters.slack.pressed import Click
from adapters.slack.reviewer import Judges
from adapters.slack.selves import Selves
from adapters.slack.shifts import Shifts
from adapters.slack.targets import Finder
from adapters.slack.verbs import VERBS, About, Form, Verb
from bridge.actions import NONE, VERB, Actions
from bridge.claiming import ONLINE_REQUIRED
from bridge.commands import (
    ToMessage,
    UseSuggestion,
    refusal_of,
)
from bridge.gates import Act
from bridge.labels import Labels
from bridge.lists import Place
from bridge.model import MessageId
from bridge.ports import Receive
from bridge.queues import WrapUp
from bridge.templates import Templates

QUIET = frozenset({("wake", "message"), ("online", "home"), ("away", "home")})
"""Where it shows at once what was done: nobody has to be told besides."""
READ = frozenset({"history", "profile"})
"""What is long to read has a window of its own."""
PAGING = frozenset({pages.OLDER, pages.NEWER})


@dataclass(frozen=True, slots=True)
class Outcome:
    """`replace`: it takes the place of the message, or of the modal, that was pressed; else only
    who pressed sees it. `modal` is to be opened instead of a text."""

    body: Body
    replace: bool = False
    modal: forms.View | None = None


Doing = Callable[[Asked], Awaitable[Outcome | None]]


class Clicks:
    def __init__(
        self,
        receive: Receive,
        acts: Acts,
        asks: Asks,
        members: Members,
        finder: Finder,
        *,
        shifts: Shifts,
        selves: Selves,
        judges: Judges,
        persons: Persons,
        templates: Templates,
        actions: Actions = NONE,
        labels: Labels,
        wrap_up_of: Callable[[str], WrapUp],
    ) -> None:
        """`wrap_up_of`: what a queue wants to be told before a handoff is resolved."""
        self._selves = selves
        self._judges = judges
        self._persons = persons
        self._shifts = shifts
        self._templates = templates
        self._actions = actions
        self._labels = labels
        self._wrap_up_of = wrap_up_of
        self._receive = receive
        self._acts = acts
        self._asks = asks
        self._members = members
        self._finder = finder

    async def press(self, click: Click) -> Outcome | None:
        """None: nothing to say, the card will show it. Raises MembershipUnknown, StoreError and
        DeliveryError."""
        inner = replace(click, action_id=click.action_id.removeprefix(replies.ONLINE))
        do = self._doing(inner)
        if do is None:
            return None
        by = await self._members.agent(click.user)
        if not by.member:
            return Outcome(replies.plain(replies.NOT_MEMBER))
        asked = Asked(click.key, ids.micros_of(click.action_ts), by, undoable=True)
        if inner.action_id == click.action_id:
            return await do(asked)
        await self._acts.at_desk(replace(asked, key=f"{asked.key}:online"), VERBS["online"], "")
        return await do(asked)

    def _doing(self, click: Click) -> Doing | None:
        """What the click is to do; None for one that is not ours, or only opens a link."""
        if click.action_id in BUTTONS:
            return lambda asked: self._decide(asked, click)
        if choice := read_choice(click.action_id, click.value):
            return lambda asked: self._pick(asked, choice)
        if look := self._reading(click):
            return look
        if asking := self._asking(click):
            return asking
        if click.action_id == pages.DELETE:
            return lambda asked: self._delete(asked, click.value)
        if click.action_id == ready.CHOSEN:
            return lambda asked: self._chosen(asked, click.block.partition(":")[2], click.value)
        return self._named(click)

    def _named(self, click: Click) -> Doing | None:
        """By the name of a verb, or of an action of the desk's own."""
        name, about = click.action_id, click.value
        if name == menus.MORE:
            name, about = menus.read_more(click.value)
        if name == helping.EDIT:
            return lambda _: self._edit(about)
        if name.startswith(menus.DO):
            return lambda asked: self._own(asked, name.removeprefix(menus.DO), about, click)
        if name == ASSIGN_ME:
            return lambda asked: self._assign_me(asked, about)
        if name == menus.WRAP_UP:
            return lambda _: self._wrap_up(*menus.read_more(about))
        verb = VERBS.get(name)
        if verb is None:
            return None
        return lambda asked: self._verb(asked, verb, about, click)

    def _reading(self, click: Click) -> Doing | None:
        """The same of one that only shows something, and is no verb."""
        if page := click.action_id in PAGING and pages.read_older(click.value):
            return lambda asked: self._page(asked, *page)
        if more := click.action_id == finding.MORE and finding.read_more(click.value):
            return lambda asked: self._found(asked, *more)
        if click.action_id == pages.PAST:
            return lambda asked: self._found(asked, f"of:{click.value} sort:newest")
        return self._stuck if click.action_id == home.STUCK else None

    def _asking(self, click: Click) -> Doing | None:
        """The same of one that opens a form, and is no verb."""
        if wish := deciding.read(click.action_id, click.value):
            return lambda asked: self._judge(asked, wish)
        if draft := deciding.read_whole(click.action_id, click.value):
            return lambda _: self._draft(draft)
        if click.action_id in (forms.MOVE_WORK, moving.CHOSEN):
            again = click.action_id == moving.CHOSEN
            return lambda asked: self._work(asked, click.value, again=again)
        if click.action_id in (joining.SAME, joining.CHOSEN):
            return lambda asked: self._same(asked, click)
        return self._myself if click.action_id == forms.MYSELF else None

    async def _verb(self, asked: Asked, verb: Verb, about: str, click: Click) -> Outcome | None:
        at_once = verb.at_once and click.action_id == verb.name
        if verb.form is not Form.NONE and not at_once:
            return await self._form(asked, verb, about)
        if (verb.name, click.on) in QUIET:
            quiet = await self._quietly(asked, Choice(verb.name, about))
            if quiet is None or click.on != "home":
                return quiet
            return replace(quiet, modal=forms.shown(quiet.body, verb.label))
        done = await self._acts.choose(asked, Choice(verb.name, about))
        if done.asks:
            return await self._wrap_up(about)
        if verb.name in READ:
            return Outcome(done.body, modal=forms.shown(done.body, verb.label))
        return Outcome(done.body, replace=click.block.startswith(menus.MENU))

    async def _edit(self, message: str) -> Outcome:
        """A suggestion's words, before they are sent."""
        found = await self._finder.suggestion(message)
        if found is None:
            return Outcome(replies.plain(replies.refusal("already_decided")))
        return Outcome(replies.plain("Suggestion"), modal=helping.suggestion_form(*found))

    async def _own(self, asked: Asked, name: str, about: str, click: Click) -> Outcome:
        """An action of the desk's own: at once, unless it has fields."""
        action, target = self._actions.get(name), await self._finder.about(about)
        if action and target and action.fields:
            return Outcome(replies.plain(action.label), modal=own.form(action, target))
        done = await self._acts.choose(asked, Choice(VERB, about, name))
        return Outcome(done.body, replace=click.block.startswith(menus.MENU))

    async def _wrap_up(self, about: str, args: str = "") -> Outcome:
        """`args`: as they were typed behind the verb."""
        target = await self._finder.about(about)
        if target is None or target.view is None or not target.is_open:
            return Outcome(replies.plain(replies.refusal("already_ended")))
        wanted = self._wrap_up_of(target.view.handoff.queue)
        return Outcome(replies.plain("Wrap up"), modal=forms.wrap_up(target, wanted, args))

    async def _chosen(self, asked: Asked, about: str, name: str) -> Outcome | None:
        """In the picker of templates: what stands below the menu is another one."""
        target = await self._finder.about(about)
        if target is None:
            return None
        view = ready.picker(self._templates, target, asked.by, name)
        return Outcome(replies.plain(name), replace=True, modal=view)

    async def _form(self, asked: Asked, verb: Verb, about: str) -> Outcome:
        target = await self._finder.about(about) if about else None
        if target is None and verb.about is not About.DESK:
            return Outcome(replies.plain(replies.refusal("unknown_handoff")))
        title = replies.plain(verb.label)
        if target and target.view and verb.name == "resolve":
            wanted = self._wrap_up_of(target.view.handoff.queue)
            return Outcome(title, modal=forms.wrap_up(target, wanted))
        if verb.form is Form.WORDS:
            return Outcome(title, modal=finding.form(self._members.queues))
        if target and verb.form is Form.LABELS:
            return Outcome(title, modal=labelling.form(self._labels, target))
        if target and verb.form is Form.TEMPLATE:
            return Outcome(title, modal=ready.picker(self._templates, target, asked.by))
        return Outcome(title, modal=forms.form(verb, target, self._members.queues))

    async def _quietly(self, asked: Asked, choice: Choice) -> Outcome | None:
        done = await self._acts.choose(asked, choice)
        return Outcome(done.body) if done.refused or done.offers else None

    async def _assign_me(self, asked: Asked, about: str) -> Outcome | None:
        """The button says that nobody has it, and may say so still when somebody does: who was
        first keeps it."""
        return await self._quietly(replace(asked, only_free=True), Choice("assign", about, "me"))

    async def _pick(self, asked: Asked, choice: Choice) -> Outcome:
        # What was typed behind a slash acts at once, also when it had to ask which one.
        done = await self._acts.choose(replace(asked, undoable=False), choice)
        return Outcome(done.body, replace=True)

    async def _page(self, asked: Asked, about: str, before: int) -> Outcome:
        return Outcome(await self._asks.page(asked.by, about, before), replace=True)

    async def _found(self, asked: Asked, text: str, after: Place = ()) -> Outcome:
        """The next page in place of the one before; the first one beside what it was asked in."""
        body = await self._asks.found(text, asked.by, asked.at, after)
        return Outcome(body, replace=bool(after), modal=None if after else forms.shown(body))

    async def _stuck(self, asked: Asked) -> Outcome:
        body = await self._asks.stuck(asked.by)
        return Outcome(body, modal=forms.shown(body, "Not sent"))

    async def _myself(self, asked: Asked) -> Outcome:
        return Outcome(replies.plain("My profile"), modal=await self._selves.form(asked.by))

    async def _same(self, asked: Asked, click: Click) -> Outcome:
        chosen = click.action_id == joining.CHOSEN
        make = self._persons.preview if chosen else self._persons.form
        view = await make(asked.by, click.value)
        return Outcome(replies.plain(joining.TITLE), replace=chosen, modal=view)

    async def _judge(self, asked: Asked, wish: Wish) -> Outcome | None:
        """An approval is made by the click alone, all else is asked for in a form; the card shows
        what came of it."""
        view = None if wish.act is Act.APPROVE else await self._judges.form(wish)
        if view is not None:
            return Outcome(replies.plain("Approval"), modal=view)
        done = await self._judges.judge(asked, wish)
        return Outcome(done.body)

    async def _draft(self, approval: str) -> Outcome:
        view = await self._judges.whole(approval)
        gone = replies.refusal("unknown_approval")
        return Outcome(replies.plain("Draft" if view else gone), modal=view)

    async def _work(self, asked: Asked, of: str, *, again: bool) -> Outcome:
        view = await self._shifts.form(asked.by, of)
        return Outcome(replies.plain("Move work"), replace=again, modal=view)

    async def _delete(self, asked: Asked, about: str) -> Outcome:
        return Outcome((await self._acts.delete(asked, about)).body, replace=True)

    async def _decide(self, asked: Asked, click: Click) -> Outcome | None:
        name, value = click.action_id, click.value
        button = BUTTONS[name]
        refused = refusal_of(await self._receive(button.make(asked, value)))
        if refused == ONLINE_REQUIRED:
            return Outcome(replies.online_first(name, value))
        if refused is not None:
            return Outcome(replies.plain(replies.refusal(refused)))
        said = button.said(value, asked.by.name)
        if name == alarms.FALSE_ALARM:
            return Outcome(alarms.called(click.blocks, click.block, said), replace=True)
        return Outcome(settled(said), replace=True)

    # --- forms ---------------------------------------------------------------------------------

    async def submit(self, sent: filled.Submitted, at: int) -> Done:
        """What was filled into a form. Raises as `press`."""
        by = await self._members.agent(sent.user)
        if not by.member:
            return Done(replies.plain(replies.NOT_MEMBER), refused=True)
        asked = Asked(sent.key, at, by)
        if sent.kind == forms.MOVE_WORK:
            return await self._shifts.move(asked, moving.read(sent.fields))
        if sent.kind == forms.MYSELF:
            return await self._selves.save(asked, sent.fields)
        if sent.kind == joining.FIND:
            return await self._persons.look(
                asked, sent.choice.about, sent.fields.get(forms.ARG, "")
            )
        if sent.kind == joining.MERGE:
            return await self._persons.merge(asked, sent.choice.about)
        if sent.kind == deciding.FORM:
            return await self._judges.filled(asked, sent.choice.about, sent.fields)
        if sent.choice.verb == forms.SUGGESTION:
            return await self._use(asked, sent.choice)
        return await self._acts.choose(asked, sent.choice)

    async def _use(self, asked: Asked, choice: Choice) -> Done:
        """A suggestion, as it was changed."""
        to = ToMessage(MessageId(choice.about))
        answer = await self._receive(
            UseSuggestion(asked.key, asked.at, to, asked.by, text=choice.args)
        )
        if refused := refusal_of(answer):
            return Done(replies.plain(replies.refusal(refused)), refused=True)
        held = answer.data.get("held")
        return Done(replies.plain(replies.refusal("held") if held else "Sent"))
