"""Looking, speaking as the desk, taking over, recalling, deleting; a resolve that can be taken
back; bots that are silent everywhere; visits."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bridge.commands import (
    EVERY_BOT,
    Accepted,
    Answer,
    Assign,
    BotAnswered,
    BotSaid,
    DeleteConversation,
    Look,
    Pause,
    Recall,
    Rejected,
    Release,
    Reopen,
    Reply,
    Resolve,
    Resume,
    Say,
    Snooze,
    SwitchBot,
    TakeOver,
    TimerFired,
    ToBot,
    ToConversation,
    ToHandoff,
    ToMessage,
    Transfer,
    UserEnded,
)
from bridge.effects import (
    CallBot,
    Line,
    Mark,
    PostLine,
    PostMessage,
    SendToUser,
    SetTimer,
    TimerKind,
)
from bridge.events import Kind
from bridge.model import (
    DEFAULT_WORKSPACE,
    SECOND,
    Agent,
    Attachment,
    Awaiting,
    Message,
    Mode,
    Role,
    Status,
    Visibility,
)
from bridge.pausing import switch_bot
from bridge.queues import Queue
from bridge.ranks import Rank
from tests.bridge.driver import ANA, BEN, BOT, CNV, MAIL, World
from tests.bridge.test_talk import API, handed_over, lines, marks, replies, says

HERE = ToConversation(CNV)
MAY = replace(BOT, may_delete=True)
HOUR = 3_600


def ended(world: World) -> World:
    world.do(Resolve(world.key(), world.tick(), world.thread, ANA))
    world.waiting.clear()
    return world


def notes(world: World) -> list[str]:
    return [m.text for m in world.in_order() if m.visibility is Visibility.INTERNAL]


def refused(answer: Answer) -> str:
    assert isinstance(answer, Rejected), answer
    return answer.reason


# --- looking -------------------------------------------------------------------------------------


def test_a_word_that_only_looks_gets_its_mark_and_changes_nothing() -> None:
    world = handed_over()
    before = replace(world.conversation, agent_at=0), world.handoff
    answer = world.do(Look(world.key(), world.tick(), world.thread, ANA, "help", said="s:9"))
    assert isinstance(answer, Accepted)
    assert marks(world) == [Mark.NOTE]
    assert (replace(world.conversation, agent_at=0), world.handoff) == before  # she has written


# --- changes of hands ----------------------------------------------------------------------------


def test_a_transfer_to_a_colleague_leaves_a_word_for_them() -> None:
    world = handed_over()
    world.do(Transfer(world.key(), world.tick(), world.thread, ANA, BEN, "", "he is angry", "s:9"))
    assert world.handoff.assignee == BEN.id
    assert notes(world) == ["he is angry"]
    assert lines(world) == [(Line.TRANSFERRED, "Ana")]
    assert shown_with(world, Line.TRANSFERRED) == "he is angry"
    assert marks(world) == [Mark.NOTE]


def shown_with(world: World, kind: Line) -> str:
    """The word that a line says."""
    [line] = [each for each in world.effects(PostLine) if each.line is kind]
    assert line.message_id
    return world.messages[line.message_id].text


def test_a_transfer_to_a_queue_leaves_a_word_and_names_the_queue() -> None:
    world = handed_over(replace(BOT, queues=(Queue(), Queue("orders"))))
    world.do(Transfer(world.key(), world.tick(), world.thread, ANA, None, "orders", "refund?"))
    assert lines(world) == [(Line.RELEASED, "orders")]
    assert shown_with(world, Line.RELEASED) == "refund?"


@pytest.mark.parametrize("to_queue", [True, False])
def test_where_nothing_changes_hands_the_word_is_shown_by_itself(to_queue: bool) -> None:
    world = handed_over()
    agent, queue = (None, "default") if to_queue else (ANA, "")
    if to_queue:
        world.do(Release(world.key(), world.tick(), world.thread, ANA))
    world.waiting.clear()
    world.do(Transfer(world.key(), world.tick(), world.thread, ANA, agent, queue, "look"))
    assert lines(world) == []
    [post] = world.effects(PostMessage)
    assert world.messages[post.message_id].text == "look"


def test_a_transfer_to_a_queue_gives_it_back_there() -> None:
    world = handed_over(replace(BOT, queues=(Queue(), Queue("orders"))))
    world.do(Transfer(world.key(), world.tick(), world.thread, ANA, None, "orders"))
    assert (world.handoff.status, world.handoff.queue) == (Status.QUEUED, "orders")
    epoch = world.conversation.epoch
    world.do(Transfer(world.key(), world.tick(), world.thread, ANA, None, "orders"))
    assert world.conversation.epoch == epoch
    world.do(Transfer(world.key(), world.tick(), world.thread, ANA, None, "default"))
    assert world.handoff.queue == "default"


def test_a_transfer_to_nowhere_is_refused_and_its_word_is_not_kept() -> None:
    world = handed_over()
    to = ToHandoff(world.handoff.id)
    answer = world.do(Transfer(world.key(), world.tick(), to, ANA, None, "nowhere", "hm"))
    assert refused(answer).partition("\n")[0] == "unknown_queue"
    assert notes(world) == []


def test_a_conversation_of_the_bot_is_taken_over() -> None:
    world = World()
    says(world, "hello")
    world.do(TakeOver(world.key(), world.tick(), HERE, ANA))
    assert (world.handoff.status, world.handoff.assignee) == (Status.ASSIGNED, ANA.id)
    assert world.conversation.mode is Mode.HUMAN
    assert [m.text for m in world.said_by(Role.SYSTEM)] == ["Ana has joined the conversation."]
    assert world.handoff.reason == "taken_over"


def test_a_paused_conversation_is_taken_over_too() -> None:
    world = World()
    says(world, "hello")
    world.do(Pause(world.key(), world.tick(), HERE, API))
    world.do(TakeOver(world.key(), world.tick(), HERE, ANA))
    assert world.handoff.assignee == ANA.id
    assert world.conversation.paused_by == ""


def test_one_that_a_colleague_has_is_taken_and_one_that_has_ended_goes_on() -> None:
    world = handed_over()
    world.do(TakeOver(world.key(), world.tick(), world.thread, BEN, "s:9"))
    assert world.handoff.assignee == BEN.id
    ended(world)
    world.do(TakeOver(world.key(), world.tick(), world.thread, ANA, "s:10"))
    assert (world.handoff.status, world.handoff.assignee) == (Status.ASSIGNED, ANA.id)


def test_what_a_tool_reopens_goes_to_whoever_had_it() -> None:
    world = ended(handed_over())
    tool = Agent(BEN.id, "key:default")
    to = ToHandoff(world.handoff.id)
    world.do(Reopen(world.key(), world.tick(), to, tool, for_last=True))
    assert world.handoff.assignee == ANA.id


# --- in the desk's name --------------------------------------------------------------------------


def test_the_desk_speaks_while_the_bot_goes_on() -> None:
    world = World()
    says(world, "hello")
    epoch = world.conversation.epoch
    world.do(Say(world.key(), world.tick(), HERE, ANA.as_author(), "We are closed today"))
    [said] = world.said_by(Role.AGENT)
    assert (said.text, said.author.name, said.leaves) == ("We are closed today", "Our team", True)
    assert (world.conversation.mode, world.conversation.epoch) == (Mode.BOT, epoch)
    assert world.effects(PostMessage) == []


def test_in_an_open_handoff_colleagues_read_it_in_the_thread() -> None:
    world = handed_over()
    says(world, "hm?")
    world.waiting.clear()
    to = ToHandoff(world.handoff.id)
    world.do(Say(world.key(), world.tick(), to, BEN.as_author(), "We are closed today"))
    assert world.handoff.assignee == ANA.id
    assert world.conversation.awaiting is Awaiting.CUSTOMER
    assert len(world.effects(PostMessage)) == 1


def test_what_was_typed_in_the_thread_stands_there_already_and_gets_its_mark() -> None:
    world = handed_over()
    said = Say(world.key(), world.tick(), world.thread, BEN.as_author(), "Closed today", "s:9")
    world.do(said)
    assert world.effects(PostMessage) == []
    assert marks(world) == [Mark.TAKEN]


def test_where_the_channel_takes_messages_the_mark_comes_when_it_took_it() -> None:
    world = handed_over(MAIL)
    world.do(Say(world.key(), world.tick(), world.thread, BEN.as_author(), "Closed", "s:9"))
    assert marks(world) == []
    assert len(world.effects(SendToUser)) == 1


# --- taking back ---------------------------------------------------------------------------------


def recalled(world: World, message: Message) -> bool:
    return world.messages[message.id].deleted


def test_the_last_reply_is_taken_back_once() -> None:
    world = handed_over()
    first, last = replies(world, "It comes Monday"), replies(world, "No, never")
    world.waiting.clear()
    world.do(Recall(world.key(), world.tick(), world.thread, ANA, "s:9"))
    assert (recalled(world, first), recalled(world, last)) == (False, True)
    assert lines(world) == [(Line.RECALLED, "No, never")]
    assert marks(world) == [Mark.NOTE, Mark.NOTE]
    answer = world.do(Recall(world.key(), world.tick(), ToHandoff(world.handoff.id), ANA))
    assert refused(answer) == "already_recalled"
    assert not recalled(world, first)


def test_nobody_takes_back_what_a_colleague_said_but_by_naming_it() -> None:
    world = handed_over()
    said = replies(world, "It comes Monday")
    answer = world.do(Recall(world.key(), world.tick(), ToHandoff(world.handoff.id), BEN))
    assert refused(answer) == "nothing_to_recall"
    world.do(Recall(world.key(), world.tick(), ToMessage(said.id), BEN))
    assert recalled(world, said)


def test_a_note_or_the_users_words_cannot_be_taken_back() -> None:
    world = handed_over()
    for message in (replies(world, "!n he is angry"), says(world, "hello?")):
        answer = world.do(Recall(world.key(), world.tick(), ToMessage(message.id), ANA))
        assert refused(answer) == "nothing_to_recall"


def test_where_the_channel_cannot_delete_a_line_says_so() -> None:
    world = handed_over(MAIL)
    said = replies(world, "It comes Monday")
    world.waiting.clear()
    world.do(Recall(world.key(), world.tick(), world.thread, ANA, "s:9"))
    assert not recalled(world, said)
    assert lines(world) == [(Line.CORRECTION, "cannot_delete")]


# --- a resolve that can be taken back ------------------------------------------------------------


def resolve(world: World, reason: str = "") -> Answer:
    return world.do(
        Resolve(world.key(), world.tick(), ToHandoff(world.handoff.id), ANA, reason, undoable=True)
    )


def fire(world: World) -> Answer:
    return world.answer(SetTimer, lambda claim: TimerFired(claim, world.tick(5)))


def test_nothing_goes_out_until_it_can_no_longer_be_taken_back() -> None:
    world = handed_over()
    before = [m.text for m in world.said_by(Role.SYSTEM)]
    resolve(world, "refunded")
    resolve(world, "twice")
    assert world.handoff.status is Status.ASSIGNED
    assert [m.text for m in world.said_by(Role.SYSTEM)] == before
    assert world.effects(CallBot) == []
    [timer] = world.effects(SetTimer)
    assert (timer.kind, timer.due - world.now) == (TimerKind.END, 4 * SECOND)
    fire(world)
    assert (world.handoff.status, world.handoff.outcome) == (Status.RESOLVED, "refunded")
    assert (world.handoff.closed_by, world.handoff.ends_at) == ("Ana", 0)
    assert world.conversation.mode is Mode.BOT
    assert [call.type for call in world.effects(CallBot)][-1] == "control.returned"


def test_it_is_taken_back_and_the_timer_with_it() -> None:
    world = handed_over()
    resolve(world)
    world.do(Reopen(world.key(), world.tick(), ToHandoff(world.handoff.id), ANA))
    assert (world.handoff.status, world.handoff.ends_at) == (Status.ASSIGNED, 0)
    assert world.effects(SetTimer) == []
    assert world.events[-1].kind is Kind.HANDOFF_REOPENED
    world.do(Reopen(world.key(), world.tick(), ToHandoff(world.handoff.id), ANA))
    assert world.handoff.status is Status.ASSIGNED


@pytest.mark.parametrize("what", ["user", "assign", "release", "snooze"])
def test_whatever_goes_on_keeps_it_open(what: str) -> None:
    world = handed_over()
    resolve(world)
    to = world.thread
    if what == "user":
        says(world, "wait, one more thing")
    elif what == "assign":
        world.do(Assign(world.key(), world.tick(), to, ANA, BEN))
    elif what == "release":
        world.do(Release(world.key(), world.tick(), to, ANA))
    else:
        world.do(Snooze(world.key(), world.tick(), to, ANA, world.now + HOUR * SECOND))
    assert world.handoff.ends_at == 0
    assert world.handoff.is_open
    assert TimerKind.END not in {timer.kind for timer in world.effects(SetTimer)}


def test_a_word_ends_at_once_what_was_about_to_end() -> None:
    world = handed_over()
    resolve(world)
    world.do(Resolve(world.key(), world.tick(), world.thread, ANA, "done", said="s:9"))
    assert (world.handoff.status, world.handoff.outcome) == (Status.RESOLVED, "done")
    assert TimerKind.END not in {timer.kind for timer in world.effects(SetTimer)}


def test_a_timer_of_an_end_that_was_taken_back_does_nothing() -> None:
    world = handed_over()
    resolve(world)
    kept = dict(world.waiting)
    world.do(Reopen(world.key(), world.tick(), ToHandoff(world.handoff.id), ANA))
    world.waiting = kept
    fire(world)
    assert world.handoff.status is Status.ASSIGNED


def test_with_no_seconds_to_take_it_back_it_ends_at_once() -> None:
    world = handed_over(replace(BOT, undo_window=0))
    resolve(world)
    assert world.handoff.status is Status.RESOLVED


# --- deleting ------------------------------------------------------------------------------------


def test_deleting_must_be_allowed() -> None:
    world = handed_over()
    answer = world.do(DeleteConversation(world.key(), world.tick(), HERE, API))
    assert refused(answer) == "delete_not_allowed"


def test_all_that_was_said_is_gone_and_who_deleted_it_is_known() -> None:
    world = handed_over(MAY)
    told = [m.text for m in world.said_by(Role.SYSTEM)]
    to = ToHandoff(world.handoff.id)
    world.do(DeleteConversation(world.key(), world.tick(), to, ANA.as_author()))
    assert [m.text for m in world.said_by(Role.SYSTEM)] == []
    assert told
    assert (world.handoff.status, world.handoff.title) == (Status.RESOLVED, "")
    assert (world.contact.name, world.contact.attributes) == ("", {})
    assert world.events[-1].kind is Kind.CONVERSATION_DELETED
    assert (Line.DELETED, "") in lines(world)
    assert world.conversation.mode is Mode.BOT


def test_one_without_a_handoff_is_deleted_too_and_twice_does_no_harm() -> None:
    world = World(MAY)
    says(world, "hello")
    for _ in range(2):
        answer = world.do(DeleteConversation(world.key(), world.tick(), HERE, API))
        assert isinstance(answer, Accepted)
    assert world.messages == {}


# --- bots that are silent everywhere -------------------------------------------------------------


def paused(on: bool = False) -> SwitchBot:
    return SwitchBot("k", 1, ToBot(DEFAULT_WORKSPACE, "robo"), API, on, "maintenance")


def test_switching_says_what_is_to_be_kept_and_what_has_happened() -> None:
    off = switch_bot("", paused())
    assert (off.paused_by, off.data) == ("crm", {"bot": "robo", "paused": True})
    assert off.event
    assert off.event.kind is Kind.BOT_PAUSED
    assert off.event.body == {"bot": "robo", "reason": "maintenance"}
    on = switch_bot("crm", paused(on=True))
    assert on.event
    assert (on.paused_by, on.event.kind) == ("", Kind.BOT_RESUMED)


def test_only_admins_switch_bots_everywhere() -> None:
    for rank, refused in ((Rank.ADMIN, ""), (Rank.SUPERVISOR, "not_allowed")):
        asked = replace(paused(), asker=replace(ANA, rank=rank))
        assert switch_bot("", asked).refused == refused


def test_switching_what_is_so_already_changes_nothing() -> None:
    assert switch_bot("Ben", paused()).event is None
    assert switch_bot("Ben", paused()).paused_by == "Ben"
    assert switch_bot("", paused(on=True)).event is None
    nobody = replace(paused(), by=replace(API, id="", name=""))
    assert switch_bot("", nobody).paused_by == "somebody"


@pytest.mark.parametrize("bot", ["robo", EVERY_BOT])
def test_while_a_bot_is_silent_everywhere_it_hears_nothing_and_is_fenced(bot: str) -> None:
    world = World(silent={bot: "Ana"})
    says(world, "hello")
    assert [call.type for call in world.effects(CallBot)] == ["conversation.started"]
    answer = world.do(BotSaid(world.key(), world.tick(), HERE, "robo", Reply("hi")))
    assert isinstance(answer, Rejected)
    assert (answer.reason, answer.data["by"]) == ("human_in_control", "Ana")


def test_what_a_silent_bot_answers_late_does_not_count() -> None:
    world = World()
    says(world, "hello")
    world.silent = {"robo": "Ana"}
    world.answer(CallBot, lambda claim: BotAnswered(claim, world.tick(), (Reply("hi"),)))
    world.answer(CallBot, lambda claim: BotAnswered(claim, world.tick(), (Reply("hi"),)))
    assert world.said_by(Role.BOT) == []


def test_another_bot_is_not_meant_and_resuming_one_conversation_is_not_enough() -> None:
    world = World(silent={"other": "Ana"})
    says(world, "hello")
    assert len(world.effects(CallBot)) == 2
    world.silent = {"robo": "Ana"}
    assert refused(world.do(Resume(world.key(), world.tick(), HERE, API))) == "bot_paused"
    assert refused(world.do(UserEnded(world.key(), world.tick(), HERE))) == "bot_paused"


# --- visits --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("away", "page", "marker"),
    [
        (1_799, "https://shop.example/cart", None),
        (1_800, "https://shop.example/cart", "New visit, 30 min later · on /cart"),
        (5 * HOUR, "", "New visit, 5 h later"),
        (72 * HOUR, "https://shop.example/", "New visit, 3 days later · on /"),
    ],
)
def test_a_new_visit_is_marked_where_only_agents_read(
    away: int, page: str, marker: str | None
) -> None:
    world = World()
    says(world, "hello")
    world.tick(away - 1)
    says(world, "me again", page_url=page)
    assert notes(world) == ([marker] if marker else [])
    assert [m.seq for m in world.in_order()] == list(range(1, len(world.messages) + 1))


@pytest.mark.parametrize("bot", ["robo", EVERY_BOT])
def test_a_user_who_wants_the_bot_back_while_it_is_silent_everywhere_is_heard(bot: str) -> None:
    world = World(silent={bot: "Ana"})
    message = says(world, "/end")
    assert (message.text, world.conversation.mode) == ("/end", Mode.BOT)


def test_a_pause_of_one_outlasts_the_pause_of_all() -> None:
    world = World(silent={EVERY_BOT: "Ana"})
    says(world, "hello")
    world.do(Pause(world.key(), world.tick(), HERE, BEN.as_author()))
    world.silent = {}
    assert (world.conversation.mode, world.conversation.paused_by) == (Mode.HUMAN, "Ben")


def test_what_seems_secret_is_not_said_in_the_desks_name_by_an_agent() -> None:
    world = handed_over()
    card = "4111 1111 1111 1111"
    said = Say(world.key(), world.tick(), world.thread, ANA.as_author(), card, said="s:9")
    assert refused(world.do(said)) == "leaks"
    assert (marks(world), lines(world)) == ([Mark.FAILED], [(Line.REFUSED, "leaks")])
    assert not world.said_by(Role.AGENT)
    tool = Say(world.key(), world.tick(), HERE, API, card)
    assert isinstance(world.do(tool), Accepted)


@pytest.mark.parametrize("text", ["!n he lies", ";; he lies", "Note: he lies", "!resolvee"])
def test_what_begins_like_a_note_is_not_said_in_the_desks_name(text: str) -> None:
    world = handed_over()
    before = world.in_order()
    said = Say(world.key(), world.tick(), ToConversation(CNV), ANA.as_author(), text, asker=ANA)
    assert refused(world.do(said)) == "not_a_reply"
    assert world.in_order() == before


def test_of_what_is_plainly_a_reply_the_prefix_stays_inside() -> None:
    world = handed_over()
    to = ToConversation(CNV)
    world.do(Say(world.key(), world.tick(), to, ANA.as_author(), "!r We have moved", asker=ANA))
    assert world.in_order()[-1].text == "We have moved"


def test_with_a_recalled_reply_go_its_files() -> None:
    """A file is read by whoever has its address, as long as a message shows it."""
    traits = replace(BOT.channels["webchat"], files=True)
    world = handed_over(replace(BOT, channels={"webchat": traits}))
    file = Attachment("list.pdf", "application/pdf", 3, "fil_1")
    said = replies(world, "See this", attachments=(file,), files=1)
    assert world.messages[said.id].attachments == (file,)
    world.do(Recall(world.key(), world.tick(), ToMessage(said.id), ANA))
    gone = world.messages[said.id]
    assert (gone.deleted, gone.text, gone.attachments) == (True, "", ())
