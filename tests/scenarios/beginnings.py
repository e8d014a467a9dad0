"""How most stories begin."""

from sandbox.slack.person import Person
from sandbox.slack.seed import ORDERS
from tests.scenarios.customer import Customer
from tests.scenarios.puppet import hands_over
from tests.scenarios.stage import Stage
from tests.scenarios.thread import Thread


async def with_a_human(stage: Stage) -> tuple[Customer, Thread, Person]:
    """Sam has asked for a human, and Ana has answered."""
    sam = await stage.customer("Sam Rivera")
    stage.the_bot.answers[sam.conversation] = hands_over
    await sam.say("Where is my parcel?")
    thread = await stage.thread(sam)
    ana = stage.agent()
    await ana.reply(ORDERS, thread.ts, "Hello")
    await sam.has_heard("Hello")
    return sam, thread, ana
