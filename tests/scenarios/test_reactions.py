"""Emoji are seen across: a member's on the customer's words, the customer's on an agent's."""

from typing import Any

from sandbox.slack.seed import ORDERS
from tests.scenarios.beginnings import with_a_human
from tests.scenarios.processes import until, until_equal
from tests.scenarios.stage import Stage
from tests.scenarios.thread import key_of, plain


async def test_emoji_go_both_ways_and_come_off_again(stage: Stage) -> None:
    sam, thread, ana = await with_a_human(stage)
    await sam.say("Thanks!")
    await thread.has_said("Thanks!")
    (post,) = [each for each in await thread.posts() if plain(each) == "Thanks!" and key_of(each)]
    await ana.react(ORDERS, post["ts"], "tada")

    async def on_thanks() -> list[Any]:
        found = [each for each in await sam.messages() if each["text"] == "Thanks!"]
        return [each.get("reactions") for each in found]

    await until_equal(on_thanks, [[{"emoji": "🎉", "by": "agent"}]])
    await ana.react(ORDERS, post["ts"], "tada", on=False)
    await until_equal(on_thanks, [None])

    (hello,) = [each for each in await sam.messages() if each["text"] == "Hello"]
    wish = {"message": hello["id"], "emoji": "❤️", "on": True}
    assert (await sam.call("reactions", wish)).status_code == 204
    (said,) = [each for each in await thread.posts() if each["text"] == "Hello"]

    async def hearts() -> list[str]:
        now = next(each for each in await thread.posts() if each["ts"] == said["ts"])
        return [reaction["name"] for reaction in now.get("reactions") or ()]

    async def has_a_heart() -> bool:
        return "heart" in await hearts()

    await until(has_a_heart, what="the heart")
    assert (await sam.call("reactions", {**wish, "on": False})).status_code == 204
    await until_equal(hearts, ["white_check_mark"])
