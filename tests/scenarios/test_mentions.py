"""A customer's words are words: they call nobody, format nothing, and look like nobody else's."""

from sandbox.slack import seed
from sandbox.slack.person import Person
from sandbox.slack.seed import ORDERS
from tests.scenarios.puppet import hands_over
from tests.scenarios.stage import Stage
from tests.scenarios.thread import plain

EVERYBODY = (seed.ANA, seed.BEN, seed.CHLOE)
SHOUTS = (
    f"<!channel> @here <@{seed.ANA}>",
    f"<!here|here> <!everyone> <!subteam^{seed.ORDERS_GROUP}>",
    "@channel @everyone @Ana @orders-team",
    f"&lt;!channel&gt; <@{seed.BEN}|ben> <#{seed.ORDERS}>",
    "*bold* _it_ ~gone~ `code` <https://evil.example|your bank> :tada:",
    "<!date^1^{date}|yesterday> <mailto:a@b.c|x>",
)


async def mentions(people: list[Person]) -> list[int]:
    """How often each was mentioned in the desk's channel, unread."""
    found = []
    for person in people:
        channels = (await person.state())["channels"]
        found += [channel["mentions"] for channel in channels if channel["id"] == ORDERS]
    return found


async def test_what_a_customer_writes_notifies_nobody_and_is_shown_as_typed(stage: Stage) -> None:
    team = [stage.agent(member) for member in EVERYBODY]
    before = await mentions(team)
    shouting = f"<!channel> <@{seed.ANA}> @here"
    sam = await stage.customer(shouting)
    stage.the_bot.answers[sam.conversation] = hands_over
    await sam.say(f"Before: {SHOUTS[0]}")
    thread = await stage.thread(sam)
    for shout in SHOUTS:
        await sam.say(shout)
    await thread.has_said(*SHOUTS)
    assert await mentions(team) == before
    for post in (await thread.card(), *await thread.posts()):
        assert "<!" not in post["text"].replace("<!date", "")
        assert "<@" not in post["text"]
        assert "<user>" not in plain(post)
        assert "<broadcast>" not in plain(post)


async def test_a_customer_looks_like_no_colleague(one_stage: Stage) -> None:
    sam = await one_stage.customer("Ana Torres")
    one_stage.the_bot.answers[sam.conversation] = hands_over
    await sam.say("One")
    thread = await one_stage.thread(sam)
    await sam.say("Two")
    await thread.has_said("Two")
    posts = [post for post in await thread.posts() if plain(post) == "Two"]
    assert [post["username"] for post in posts] == ["Ana Torres · customer"]
