"""The commands that are not about one open handoff, and App Home: the same result by every way, and
the second time does no harm. `test_commands` has the others.

Each test takes all ways one after another, so that a workspace is set up once for them all.
"""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any

from adapters.slack.clicks import READ
from adapters.slack.menus import CHOICE_SEPARATOR
from adapters.slack.verbs import TABLE, VERBS, About
from bridge.words import VERBS as BRIDGE_VERBS
from sandbox.slack import seed
from sandbox.slack.person import Refused
from sandbox.slack.seed import GENERAL, ORDERS
from tests.scenarios.processes import until, until_equal
from tests.scenarios.stage import Stage
from tests.scenarios.test_commands import COMMANDS
from tests.scenarios.ways import (
    OWN_SLASH,
    Command,
    Json,
    Scene,
    begun,
    by_buttons_in_the_thread,
    by_card,
    by_shortcut,
    by_slash,
    by_word,
    close,
    elements,
    opened,
    words,
)

Way = Callable[[Scene, str], Awaitable[None]]
PRESENCE, SWITCHES = ("away", "online"), ("pause", "resume")
LOOKS = ("profile", "history", "delete", "menu", "queue", "mine", "live", "find", "stats", "help")


def test_the_tables_have_every_verb() -> None:
    changing = {command.verb for command in COMMANDS}
    spoken = set(BRIDGE_VERBS)  # as the bridge reads them
    assert changing.isdisjoint([*PRESENCE, *SWITCHES, *LOOKS])
    assert {*changing, *PRESENCE, *SWITCHES, *LOOKS} == set(VERBS) == spoken | {"note"}
    assert OWN_SLASH.issuperset(SWITCHES)
    assert all(VERBS[name].looks for name in (*PRESENCE, *LOOKS))


# --- the ways ------------------------------------------------------------------------------------


async def word(scene: Scene, verb: str) -> None:
    await by_word(scene, Command(verb))


async def slash(scene: Scene, verb: str) -> None:
    await by_slash(scene, Command(verb))


async def buttons(scene: Scene, verb: str) -> None:
    await by_buttons_in_the_thread(scene, Command(verb))


async def shortcut(scene: Scene, verb: str) -> None:
    await by_shortcut(scene, Command(verb))


async def desk_wide(scene: Scene, verb: str) -> None:
    await scene.ana.command(GENERAL, f"/desk {verb}")


async def home(scene: Scene, offers: str) -> Json:
    """App Home, as soon as it offers that."""
    await scene.ana.open_home()

    async def shown() -> Json | None:
        view = await scene.ana.home()
        return view if view and offers in on(view) else None

    view = await until(shown, what=f"a Home with {offers}")
    assert view
    return view


async def press(scene: Scene, name: str) -> None:
    """On App Home, which may be drawn anew between a look and a click. One that was answered too
    late is refused, too, and may have been taken: then Home offers it no more."""
    refused = False

    async def pressed() -> bool:
        nonlocal refused
        view = await scene.ana.home()
        if view is None or name not in on(view):
            return refused and view is not None
        with suppress(Refused):
            await scene.ana.click(name, view_id=view["id"])
            return True
        refused = True
        return False

    await home(scene, name)

    await until(pressed, what=f"a click on {name}")


def on(view: Json) -> list[str]:
    """What can be pressed on a view, in sections, too."""
    beside = [block["accessory"]["action_id"] for block in view["blocks"] if "accessory" in block]
    return [*elements(view), *beside]


async def is_online(scene: Scene) -> bool:
    agents: Json = (await scene.stage.api("GET", "/agents")).json()
    return bool(next(each["online"] for each in agents["agents"] if each["id"] == seed.ANA))


async def from_home(scene: Scene, verb: str) -> None:
    """The button for it; when what it does is so already, Home offers the other. Until it is drawn
    anew it may offer what was done a moment ago."""
    if verb in on(await home(scene, "away" if await is_online(scene) else "online")):
        await press(scene, verb)


async def from_the_live_list(scene: Scene, verb: str) -> None:
    """Home's *Live with the bot*, and in the modal the button beside the customer."""
    await press(scene, "live")
    listed = await opened(scene.ana, "Deskbridge")
    if verb in elements(listed):
        await scene.ana.click(verb, view_id=listed["id"])
    await close(scene.ana)


async def presence_by_api(scene: Scene, verb: str) -> None:
    """Home shows it without being opened anew."""
    body = {"online": verb == "online"}
    assert (await scene.stage.api("POST", f"/agents/{seed.ANA}/presence", json=body)).is_success
    other = "away" if verb == "online" else "online"

    async def offered() -> bool:
        return other in on(await scene.ana.home() or {"blocks": []})

    await until(offered, what=f"a Home with {other}")


async def switch_by_api(scene: Scene, verb: str) -> None:
    path = f"/conversations/{scene.sam.conversation}/{verb}"
    assert (await scene.stage.api("POST", path, json={})).is_success


async def in_both_states(
    scene: Scene,
    ways: Mapping[str, Way],
    pair: tuple[str, str],
    read: Callable[[], Awaitable[Any]],
    states: tuple[Any, Any],
) -> None:
    """By each way into the one state and into the other, and each twice."""
    for name, way in ways.items():
        for verb, state in zip(pair, states, strict=True):
            for time in ("once", "twice"):
                await way(scene, verb)
                await until_equal(read, state, what=f"{verb} by {name}, {time}")


# --- what they do --------------------------------------------------------------------------------


async def test_who_is_there_is_the_same_by_every_way(one_stage: Stage) -> None:
    scene = await begun(one_stage)

    async def online() -> bool:
        return await is_online(scene)

    await home(scene, "live")
    ways = {"word": word, "slash": desk_wide, "api": presence_by_api, "home": from_home}
    await in_both_states(scene, ways, PRESENCE, online, (False, True))


async def test_the_bot_is_switched_for_a_customer_the_same_by_every_way(one_stage: Stage) -> None:
    scene = await begun(one_stage)
    await by_slash(scene, Command("resolve"))

    async def paused() -> Any:
        return (await one_stage.conversation(scene.sam))["paused"]

    async def short(_: Scene, verb: str) -> None:
        await scene.ana.command(GENERAL, f"/{verb} {scene.number}")

    ways: dict[str, Way] = {
        "word": word, "slash": slash, "its own slash": short, "buttons": buttons,
        "shortcut": shortcut, "home": from_the_live_list, "api": switch_by_api,
    }  # fmt: skip
    await in_both_states(scene, ways, SWITCHES, paused, (True, False))
    assert await scene.sam.texts("agent") == ["Hello"]


async def nobody_waits(stage: Stage) -> None:
    """What earlier stories left in the queues has ended."""
    while left := (await stage.api("GET", "/handoffs?status=queued")).json()["handoffs"]:
        for each in left:
            await stage.api("POST", f"/handoffs/{each['id']}/resolve", json={})


async def test_from_app_home_what_waits_is_taken_and_the_second_time_does_no_harm(
    one_stage: Stage,
) -> None:
    await nobody_waits(one_stage)  # Home has a row for ten, and who came last is the last of them
    scene = await begun(one_stage, "release")

    async def row() -> dict[str, str]:
        """Of this one: others may be waiting, too."""
        await scene.ana.open_home()
        view = await scene.ana.home() or {"id": "", "blocks": []}
        for block in view["blocks"]:
            button = block.get("accessory", {})
            mine = button.get("value") == scene.thread.handoff
            if mine and button["action_id"] == "assign_me":
                return {"view_id": view["id"], "block_id": block["block_id"]}
        return {}

    async def agent() -> Any:
        return (await scene.facts())["agent"]

    async def taken() -> bool:
        """Pressed, and twice where it still stands there."""
        for _ in range(2):
            with suppress(Refused):
                if here := await row():
                    await scene.ana.click("assign_me", **here)
        return bool(await agent() == seed.ANA)

    await until(taken, what="it is Ana's by Home")
    await until_equal(agent, seed.ANA, what="whose it is")
    told = await scene.sam.texts("system")
    await by_slash(scene, Command("resolve"))
    await from_the_live_list(scene, "take")
    await until_equal(agent, seed.ANA, what="whose it is, from the bot")
    assert (await scene.sam.texts("system"))[: len(told)] == told


async def test_a_macro_does_the_same_by_every_way(one_stage: Stage) -> None:
    """From the card the whole macro is one choice in the picker."""
    spam = Command("template", "spam", {"template_chosen": "spam"})
    for way in (by_word, by_slash, by_card, by_buttons_in_the_thread, by_shortcut):
        scene = await begun(one_stage)
        done = {"status": "resolved", "labels": ["spam"], "outcome": "spam", "mode": "bot"}
        heard = ["Hello", "Hi Sam, Ana here."]
        expected = {**await scene.facts(), **done, "heard": heard}
        await way(scene, spam)
        await until_equal(scene.facts, expected, what=f"what is so by {way.__name__}")


async def test_what_only_shows_something_shows_the_same_by_every_way(one_stage: Stage) -> None:
    scene = await begun(one_stage)
    seen: dict[str, dict[str, str]] = {}

    async def answered(way: str, verb: str, asking: Awaitable[Any]) -> None:
        before = {each["ts"] for each in await scene.ana.ephemerals()}
        await asking

        async def more() -> list[Json]:
            return [each for each in await scene.ana.ephemerals() if each["ts"] not in before]

        answer = await until(more, what=f"an answer to {verb} by {way}")
        seen.setdefault(verb, {})[way] = words(answer[-1])

    async def shown_from_home(verb: str) -> None:
        seen[verb]["home"] = words(await opened(scene.ana, "Deskbridge"))
        await close(scene.ana)

    here = {"channel": ORDERS, "ts": scene.thread.ts}
    for verb in (each for each in TABLE if each.name in LOOKS):
        name, args = verb.name, " Sam" if verb.name == "find" else ""
        about = "" if verb.about is About.DESK else f" {scene.number}"
        await answered("word", name, scene.ana.reply(ORDERS, scene.thread.ts, f"!{name}{args}"))
        await answered("slash", name, scene.ana.command(GENERAL, f"/desk {name}{about}{args}"))
        option = f"{name}{CHOICE_SEPARATOR}{scene.thread.handoff}"
        if name in READ:  # in a window of its own
            await scene.ana.click("more", **here, option=option)
            seen[name]["card"] = words(await opened(scene.ana, verb.label.rstrip("…")))
            await close(scene.ana)
        elif verb.group:
            await answered("card", name, scene.ana.click("more", **here, option=option))
    for name in ("live", "help"):
        await press(scene, name)
        await shown_from_home(name)
    await press(scene, "find")
    await scene.ana.submit((await opened(scene.ana, "Find"))["id"], {"arg": "Sam"})
    await shown_from_home("find")
    assert [told for told in seen.values() if len(set(told.values())) > 1] == []
