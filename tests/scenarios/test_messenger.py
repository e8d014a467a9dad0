"""A customer on Messenger and a team in Slack, whole."""

from collections.abc import AsyncIterator

import pytest

from sandbox.graph.photo import photo
from sandbox.slack.seed import ORDERS
from tests.scenarios.conftest import PATIENCE, _one_story
from tests.scenarios.facebook import PageCustomer
from tests.scenarios.processes import until
from tests.scenarios.puppet import Puppet
from tests.scenarios.stage import Setting, Stage, on_stage
from tests.scenarios.thread import Thread, buttons, marks_of, plain

HOUR = 3_600
PDF = b"%PDF-1.7 terms"


def image(stage: Stage) -> dict[str, object]:
    """As Meta names one: where everybody can read it who knows the address."""
    return {"type": "image", "payload": {"url": f"{stage.meta_base}/attachments/photo.png"}}


@pytest.fixture(scope="module")
async def granted(bot: Puppet, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    folder = tmp_path_factory.mktemp("messenger")
    url = f"sqlite:///{folder}/deskbridge.db"
    setting = Setting(url, bot=bot, patience=PATIENCE, messenger=True, human_agent=True)
    async with on_stage(setting, folder) as stage:
        yield stage


@pytest.fixture
async def on_messenger(granted: Stage) -> AsyncIterator[Stage]:
    """With a bot, and with Human Agent granted."""
    async for one in _one_story(granted):
        yield one


@pytest.fixture
async def not_granted(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    folder = tmp_path_factory.mktemp("messenger-plain")
    url = f"sqlite:///{folder}/deskbridge.db"
    async with on_stage(Setting(url, messenger=True), folder) as stage:
        yield stage


async def test_the_story_of_a_customer_on_messenger(on_messenger: Stage) -> None:
    stage = on_messenger
    sara = await stage.page_customer("سارا", "احمدی")
    await sara.say("سلام، بسته‌ام نرسید")
    await sara.hears("Echo: سلام، بسته‌ام نرسید")
    await sara.say("", attachments=[image(stage)])
    await sara.say("I want a human")
    thread = await stage.thread(sara)

    # The desk knows the name from Facebook, the words before, and until when it may answer.
    card = await thread.card()
    assert card["text"].startswith("Waiting: \u2068سارا احمدی\u2069")
    assert "answer until" in str(card["blocks"])
    assert "messenger" in str(card["blocks"])
    preview = await until(thread.preview)
    assert "سلام، بسته‌ام نرسید" in preview
    assert "/attachments/photo.png" not in str(await thread.posts())

    # The agent has a name and a picture there, and formatting that Messenger cannot show is gone.
    ana = stage.agent()
    stamp = await ana.reply(ORDERS, thread.ts, "It is *on its way*. 你好")
    said = await sara.hears("It is on its way. 你好")
    assert said["name"] == "Ana"
    assert said["picture"].startswith("http")
    assert said["right"] == "RESPONSE"
    await thread.has_mark(stamp, "✅")
    await sara.act("read")
    await until(lambda: _has_reaction(thread, stamp, "eye"), what="the eye on what she has read")
    joined = await sara.hears("Ana has joined")
    assert [reply["title"] for reply in joined["replies"]] == ["Back to assistant"]

    await _pictures_reactions_and_corrections(stage, sara, thread, said["mid"], stamp)
    await _gets_a_picture_and_a_paper(stage, sara, thread)

    # What was sent cannot be changed there: a correction is offered, and sent when she wants it.
    await ana.edit(ORDERS, stamp, "It is *lost*")
    line = await thread.line_about("which that channel cannot change")
    await ana.click("send_held", channel=ORDERS, ts=line["ts"])
    await sara.hears("It is lost")

    await _is_answered_after_25_hours(stage, sara, thread)
    await ana.reply(ORDERS, thread.ts, "!resolve")
    await sara.hears("Ana has left")
    await sara.say("Thanks")
    await sara.hears("Echo: Thanks")
    state = await sara.state()
    assert {"mark_seen", "typing_on"} <= {sign["action"] for sign in state["signs"]}
    assert [each["error"]["error_subcode"] for each in state["refused"]] == [2018278]


async def _is_answered_after_25_hours(stage: Stage, sara: PageCustomer, thread: Thread) -> None:
    """She wrote a moment ago, as far as we know; Meta knows better, and its answer counts."""
    await sara.say("Is anybody there?", ago=25 * HOUR)
    stamp = await stage.agent().reply(ORDERS, thread.ts, "Sorry that it took a day")
    assert (await sara.hears("Sorry that it took a day"))["right"] == "HUMAN_AGENT"
    await thread.has_mark(stamp, "✅")
    await sara.say("Never mind")


async def _pictures_reactions_and_corrections(
    stage: Stage, sara: PageCustomer, thread: Thread, mid: str, stamp: str
) -> None:
    """What a customer can do beside writing comes to the desk."""
    await sara.say("", attachments=[image(stage)])
    await until(lambda: _has_pictures(thread, 2), what="both pictures in the thread")
    await sara.act("react", mid=mid, emoji="🎉")
    await until(lambda: _has_reaction(thread, stamp, "tada"), what="the reaction on Ana's words")
    mid = await sara.say("It is 1008")
    await thread.has_said("📎 image", "It is 1008")
    await sara.act("edit", mid=mid, text="It is 1009")
    await thread.has_said("📎 image", "It is 1008", "✏️ It is 1009")


async def _gets_a_picture_and_a_paper(stage: Stage, sara: PageCustomer, thread: Thread) -> None:
    """Files go below the words of the agent, under the same name, whole and by no link of ours;
    of one whose answer was lost the echo tells."""
    ana = stage.agent()
    label, paper = await ana.upload("label.png", photo()), await ana.upload("terms.pdf", PDF)
    await sara.faults({"kind": "usage_high"}, {"kind": "lost_response", "psid": sara.psid})
    stamp = await ana.reply(ORDERS, thread.ts, "Your label", files=[label, paper])
    await thread.has_mark(stamp, "✅")
    words, picture, terms = (await sara.heard())[-3:]
    assert {each["name"] for each in (words, picture, terms)} == {"Ana"}
    assert [words["text"], picture["text"], terms["text"]] == ["Your label", "", ""]
    for shown, kind, content in ((picture, "image", photo()), (terms, "file", PDF)):
        [attached] = shown["attachments"]
        assert attached["type"] == kind
        assert (await sara.client.get(attached["payload"]["url"])).content == content


async def test_a_file_that_is_not_allowed_keeps_its_words_back_and_says_why(
    on_messenger: Stage,
) -> None:
    sam, thread = await _with_ana(on_messenger)
    ana = on_messenger.agent()
    program = await ana.upload("fix.exe", b"MZ" + PDF)
    stamp = await ana.reply(ORDERS, thread.ts, "Run this", files=[program])
    await thread.has_mark(stamp, "⚠️")
    await thread.line_about("could run where it is opened")
    assert "Run this" not in await sam.texts()


async def _has_pictures(thread: Thread, many: int) -> bool:
    found = [file for post in await thread.posts() for file in post.get("files") or ()]
    return [file["mimetype"] for file in found] == ["image/png"] * many


async def _has_reaction(thread: Thread, ts: str, name: str) -> bool:
    found = [post for post in await thread.posts() if post["ts"] == ts]
    return any(r["name"] == name for post in found for r in post.get("reactions") or ())


async def test_a_quick_reply_gives_the_conversation_back_to_the_bot(on_messenger: Stage) -> None:
    sam = await on_messenger.page_customer()
    await sam.say("I want a human")
    thread = await on_messenger.thread(sam)
    await sam.hears("One moment, I am finding a person")
    await sam.act("choose", title="Back to assistant")
    await sam.hears("You have left the conversation")
    await thread.card_begins("Left by the customer")


async def test_the_window_is_told_before_it_shuts_and_a_late_answer_is_a_persons(
    on_messenger: Stage,
) -> None:
    sam = await on_messenger.page_customer()
    week = 7 * 24 * HOUR
    await sam.say("I want a human", ago=week - HOUR)
    thread = await on_messenger.thread(sam)
    line = await thread.line_about("takes no answers to Sam after")
    assert "Messenger" in plain(line)
    assert "*closes" in str((await thread.card())["blocks"])

    ana = on_messenger.agent()
    stamp = await ana.reply(ORDERS, thread.ts, "Sorry that it took so long")
    said = await sam.hears("Sorry that it took so long")
    assert said["right"] == "HUMAN_AGENT"
    await thread.has_mark(stamp, "✅")
    assert (await sam.state())["refused"] == []


async def test_without_the_permission_a_late_answer_is_held_and_never_tried(
    not_granted: Stage,
) -> None:
    sam = await not_granted.page_customer()
    await sam.say("Is anybody there?", ago=25 * HOUR)
    thread = await not_granted.thread(sam)
    stamp = await not_granted.agent().reply(ORDERS, thread.ts, "Sorry that it took so long")
    await thread.has_mark(stamp, "✋")
    line = await thread.line_about("was not sent to Sam")
    assert "takes no answers" in plain(line)
    assert buttons(line) == ["keep_as_note"]
    state = await sam.state()
    assert state["refused"] == []
    assert [m for m in state["messages"] if m["by_page"]] == []
    assert "too late to answer" in str((await thread.card())["blocks"])


@pytest.mark.parametrize("fault", ["lost_response", "late_500"])
async def test_a_lost_answer_is_settled_by_the_echo_and_never_sent_twice(
    on_messenger: Stage, fault: str
) -> None:
    sam, thread = await _with_ana(on_messenger)
    await sam.faults({"kind": fault, "psid": sam.psid})
    stamp = await on_messenger.agent().reply(ORDERS, thread.ts, "One word")
    await thread.has_mark(stamp, "✅")
    assert (await sam.texts()).count("One word") == 1


async def test_without_an_echo_the_pages_own_record_tells(on_messenger: Stage) -> None:
    sam, thread = await _with_ana(on_messenger)
    rules = ("lost_response", "no_echo")
    await sam.faults(*({"kind": kind, "psid": sam.psid} for kind in rules))
    stamp = await on_messenger.agent().reply(ORDERS, thread.ts, "Two words")
    await thread.has_mark(stamp, "✅")
    assert (await sam.texts()).count("Two words") == 1


async def test_what_is_nowhere_to_be_found_is_put_before_an_agent(on_messenger: Stage) -> None:
    sam, thread = await _with_ana(on_messenger)
    await sam.faults({"kind": "lost_request", "psid": sam.psid})
    ana = on_messenger.agent()
    stamp = await ana.reply(ORDERS, thread.ts, "Three words")
    line = await thread.line_about("may or may not have reached Sam")
    await thread.has_mark(stamp, "⚠️")
    assert (await sam.texts()).count("Three words") == 0
    await ana.click("send_again", channel=ORDERS, ts=line["ts"])
    await sam.hears("Three words")
    await thread.has_mark(stamp, "✅")


async def test_refusals_are_told_in_plain_words(on_messenger: Stage) -> None:
    sam, thread = await _with_ana(on_messenger)
    ana = on_messenger.agent()
    for kind, words in (("other_app", "another app"), ("blocked", "has blocked the page")):
        await sam.faults({"kind": kind, "psid": sam.psid})
        stamp = await ana.reply(ORDERS, thread.ts, f"Words for {kind}")
        await thread.has_mark(stamp, "⚠️")
        assert words in plain(await thread.line_about(words))


async def test_webhooks_twice_late_together_and_badly_signed_change_nothing(
    on_messenger: Stage,
) -> None:
    sam, thread = await _with_ana(on_messenger)
    kinds = ("duplicate", "bad_signature", "lost_answer", "batch")
    await sam.faults(*({"kind": kind, "psid": sam.psid, "times": 2} for kind in kinds))
    words = [f"Word {number}" for number in range(8)]
    for word in words:
        await sam.say(word)
    await thread.has_said(*words, together=True)
    posts = await thread.posts()
    assert all(len(marks_of(post)) <= 1 for post in posts)


async def test_a_page_that_lost_its_subscription_is_subscribed_again(on_messenger: Stage) -> None:
    sam = await on_messenger.page_customer()
    await sam.act("unsubscribe")

    async def subscribed() -> bool:
        return "messages" in (await sam.state())["subscribed"]

    await until(subscribed, what="the subscription")


async def _with_ana(stage: Stage) -> tuple[PageCustomer, Thread]:
    """A customer whom Ana has answered."""
    sam = await stage.page_customer()
    await sam.say("I want a human")
    thread = await stage.thread(sam)
    await stage.agent().reply(ORDERS, thread.ts, "Hello")
    await sam.hears("Hello")
    return sam, thread
