"""The ways by which agents and tools ask for something, each taken in a real workspace."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from adapters.slack.menus import CHOICE_SEPARATOR
from adapters.slack.verbs import VERBS
from sandbox.slack.person import Person
from sandbox.slack.seed import GENERAL, ORDERS
from tests.scenarios.beginnings import with_a_human
from tests.scenarios.customer import Customer
from tests.scenarios.processes import until
from tests.scenarios.stage import Stage
from tests.scenarios.thread import Thread

Json = dict[str, Any]


@dataclass
class Scene:
    """Ana has Sam's conversation, or whatever `before` made of it."""

    stage: Stage
    sam: Customer
    thread: Thread
    ana: Person
    number: int = 0

    async def handoff(self) -> Json:
        told: Json = (await self.stage.api("GET", f"/handoffs/{self.thread.handoff}")).json()
        return told

    async def facts(self) -> Json:
        """What everybody can see of it."""
        handoff, talk = await self.handoff(), await self.stage.conversation(self.sam)
        return {
            "status": handoff["status"],
            "queue": handoff["queue"],
            "agent": (handoff["agent"] or {}).get("id"),
            "priority": handoff["priority"],
            "labels": handoff["labels"],
            "outcome": handoff["outcome"],
            "mode": talk["mode"],
            "blocked": talk["blocked"],
            "heard": await self.sam.texts("agent"),
        }

    async def notes(self) -> list[str]:
        seen = await self.ask("history")
        return [line for line in seen.split("\n") if line.startswith("🔒")]

    async def ask(self, verb: str) -> str:
        await self.ana.command(GENERAL, f"/desk {verb} {self.number}")
        return words((await self.ana.ephemerals())[-1])


def words(message: Json) -> str:
    """The words of its blocks, lines as they are."""

    def read(node: Any) -> str:
        if isinstance(node, list):
            return "".join(read(each) for each in node)
        if not isinstance(node, dict):
            return ""
        if isinstance(node.get("text"), str):
            return str(node["text"])
        return read(node.get("text")) + read(node.get("elements"))

    return "\n".join(read(block) for block in message.get("blocks") or ()) or str(message["text"])


# --- the ways ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Command:
    """`args` as typed, `form` as filled in where a modal asks, `call` the API's path and body;
    `then`: what is to be so afterwards, besides what was so before."""

    verb: str
    args: str = ""
    form: Json | None = None
    call: tuple[str, Json] | None = None
    then: Mapping[str, Any] = field(default_factory=dict)
    before: str = ""
    note: str = ""
    named: str = ""
    """What its button is called, where that is not the verb."""

    def __str__(self) -> str:
        return f"{self.verb} {self.args[:12]}".strip()

    @property
    def button(self) -> str:
        return self.named or self.verb


async def by_word(scene: Scene, command: Command) -> None:
    typed = f"!{command.verb} {command.args}".strip()
    ts = await scene.ana.reply(ORDERS, scene.thread.ts, typed)

    async def marked() -> list[str]:
        return await scene.thread.marks(ts)

    assert await until(marked, what="a mark") in (["🔒"], ["⚠️"], ["✅"])


async def by_slash(scene: Scene, command: Command) -> None:
    await scene.ana.command(GENERAL, f"/desk {command.verb} {scene.number} {command.args}".strip())


async def by_its_own_slash(scene: Scene, command: Command) -> None:
    await scene.ana.command(GENERAL, f"/{command.verb} {scene.number} {command.args}".strip())


async def by_add_as_note(scene: Scene, command: Command) -> None:
    """The shortcut on a message that stands anywhere."""
    ts = await scene.ana.say(GENERAL, command.args)
    await scene.ana.shortcut("add_note", channel=GENERAL, ts=ts)
    modal = await opened(scene.ana, "Add as note")
    filled = {"which": scene.thread.handoff, "arg": command.args}
    assert (await scene.ana.submit(modal["id"], filled))["response_action"] == "update"
    await close(scene.ana)


async def by_card(scene: Scene, command: Command) -> None:
    """Its own button, or the choice in *More…*; what is in neither is not offered any more."""
    if command.verb in ON_LINES:  # a card that has ended has no buttons: the line at the end has
        line = await scene.thread.line_about(ON_LINES[command.verb])
        return await scene.ana.click(command.verb, channel=ORDERS, ts=line["ts"])
    offered = elements(await scene.thread.card())
    if command.button in offered:
        await scene.ana.click(command.button, channel=ORDERS, ts=scene.thread.ts)
    elif "more" in offered:
        option = f"{command.button}{CHOICE_SEPARATOR}{scene.thread.handoff}"
        await scene.ana.click("more", channel=ORDERS, ts=scene.thread.ts, option=option)
    else:
        return None
    return await fill(scene, command)


async def by_buttons_in_the_thread(scene: Scene, command: Command) -> None:
    await scene.ana.reply(ORDERS, scene.thread.ts, "!")

    async def shown() -> Json | None:
        seen = await scene.ana.ephemerals()
        asked = [m for m in seen if "what would you like to do?" in m["text"]]
        return asked[-1] if asked and asked[-1].get("thread_ts") == scene.thread.ts else None

    menu = await until(shown, what="the buttons")
    assert menu
    if command.button in elements(menu):
        await scene.ana.click(command.button, channel=ORDERS, ts=menu["ts"])
        await fill(scene, command)


async def by_shortcut(scene: Scene, command: Command) -> None:
    await scene.ana.shortcut("handoff", channel=ORDERS, ts=scene.thread.ts)
    modal = await opened(scene.ana, "Handoff")
    if command.button in elements(modal):
        await scene.ana.click(command.button, view_id=modal["id"])
        await fill(scene, command)
    await close(scene.ana)


async def by_api(scene: Scene, command: Command) -> None:
    assert command.call
    action, body = command.call
    path = f"/handoffs/{scene.thread.handoff}/{action}"
    if action.startswith("/"):
        talk: Json = await scene.stage.conversation(scene.sam)
        path = action.format(conversation=scene.sam.conversation, user=talk["user"]["id"])
    answer = await scene.stage.api("POST", path, json=body)
    assert answer.status_code in (200, 201, 202, 409), answer.text


async def fill(scene: Scene, command: Command) -> None:
    """The form, for a verb whose button opens one."""
    if command.form is None or VERBS[command.verb].at_once:
        return

    async def form() -> Json | None:
        view = await scene.ana.modal()
        return view if view and view["callback_id"] == "do" else None

    view = await until(form, what="a form")
    assert view
    told = await scene.ana.submit(view["id"], command.form)
    assert told.get("response_action") in ("update", "errors"), told
    await close(scene.ana)


async def close(person: Person) -> None:
    while view := await person.modal():
        await person.close(view["id"])


async def opened(person: Person, title: str) -> Json:
    async def found() -> Json | None:
        view = await person.modal()
        return view if view and view["title"]["text"] == title else None

    view = await until(found, what=f"a modal {title!r}")
    assert view
    return view


def elements(message: Json) -> list[str]:
    found = [e for block in message.get("blocks") or () for e in block.get("elements") or ()]
    return [str(e["action_id"]) for e in found if e.get("action_id")]


Way = Callable[[Scene, Command], Awaitable[None]]
ON_LINES = {"reopen": "Resolved by", "unblock": "What Sam writes goes nowhere"}
WAYS: Mapping[str, Way] = {
    "word": by_word,
    "slash": by_slash,
    "card": by_card,
    "buttons": by_buttons_in_the_thread,
    "shortcut": by_shortcut,
    "api": by_api,
    "its own slash": by_its_own_slash,
    "add as note": by_add_as_note,
}
OWN_SLASH = frozenset({"assign", "resolve", "pause", "resume"})


def has(command: Command, way: str) -> bool:
    """Whether it is to be had by that way; every one is by a word, a slash and a button."""
    if way == "api":
        return command.call is not None
    if way == "its own slash":
        return command.verb in OWN_SLASH
    return way != "add as note" or command.verb == "note"


async def begun(stage: Stage, before: str = "") -> Scene:
    sam, thread, ana = await with_a_human(stage)
    scene = Scene(stage, sam, thread, ana)
    scene.number = int((await scene.handoff())["number"])
    if before:
        await ana.command(GENERAL, f"/desk {before.replace(' ', f' {scene.number} ', 1)}"
                          if " " in before else f"/desk {before} {scene.number}")  # fmt: skip
    return scene
