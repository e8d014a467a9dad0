"""Files both ways: what customers attach, what agents attach, and what never passes."""

import hashlib
from pathlib import Path

import httpx

from sandbox.slack.person import Person
from sandbox.slack.seed import ORDERS
from tests.scenarios.customer import Customer
from tests.scenarios.processes import until
from tests.scenarios.stage import TOKEN, Setting, Stage, on_stage
from tests.scenarios.thread import Json, Thread

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40
PDF = b"%PDF-1.7\n" + b"an invoice\n" * 500
MIB = 1024 * 1024


async def upload(customer: Customer, name: str, content: bytes) -> httpx.Response:
    form = {"file": (name, content, "application/x-whatever")}
    url = "/webchat/files"
    return await customer.client.post(url, files=form, headers=customer.headers)


async def attach(customer: Customer, name: str, content: bytes, text: str = "") -> Json:
    """Uploads a file and says something with it; the answer is the attachment."""
    kept = await upload(customer, name, content)
    assert kept.status_code == 201, kept.text
    attachment: Json = kept.json()
    said = await customer.post(text, attachments=[attachment["id"]])
    assert said.status_code == 202, said.text
    return attachment


async def in_thread(stage: Stage, thread: Thread) -> list[tuple[str, str]]:
    """Names and digests of the files that the app has shown there, in order."""
    shown = [file for post in await thread.posts() if post.get("bot_id") for file in _files(post)]
    return [(file["name"], await _digest(stage, file)) for file in shown]


def _files(post: Json) -> list[Json]:
    return list(post.get("files") or ())


async def _digest(stage: Stage, file: Json) -> str:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    answer = await stage.client.get(file["url_private_download"], headers=headers)
    return digest(answer.content)


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:12]


async def shows(stage: Stage, thread: Thread, *wanted: tuple[str, bytes]) -> None:
    """Waits until the thread shows these, each once and in this order."""
    told = [(name, digest(content)) for name, content in wanted]

    async def there() -> bool:
        return await in_thread(stage, thread) == told

    await until(there, what=f"{[name for name, _ in wanted]} in the thread")


async def received(customer: Customer) -> list[tuple[str, str]]:
    """Names and digests of what agents have sent, read as the widget does."""
    found: list[tuple[str, str]] = []
    for message in await customer.messages():
        if message["author"]["kind"] == "agent":
            found += [
                (each["name"], await _read(customer, each)) for each in message["attachments"]
            ]
    return found


async def _read(customer: Customer, attachment: Json) -> str:
    answer = await customer.client.get(attachment["url"], headers=customer.headers)
    assert answer.status_code == 200
    assert len(answer.content) == attachment["size"]
    return digest(answer.content)


async def has(customer: Customer, *wanted: tuple[str, bytes]) -> None:
    told = [(name, digest(content)) for name, content in wanted]

    async def there() -> bool:
        return await received(customer) == told

    await until(there, what=f"{[name for name, _ in wanted]} at the customer's")


async def handed_over(stage: Stage, customer: Customer) -> tuple[Thread, Person]:
    await customer.say("I want a human")
    thread, ana = await stage.thread(customer), stage.agent()
    await ana.click("assign_me", channel=ORDERS, ts=thread.ts)
    return thread, ana


async def test_files_go_both_ways_and_notes_and_strangers_get_none(over_http: Stage) -> None:
    stage = over_http
    sam, eve = await stage.customer("Sam Rivera"), await stage.customer("Eve")
    early = await attach(sam, "boots.png", PNG, "These are torn")
    event = await stage.the_bot.first(sam.conversation, "message.created")
    (told,) = event.data["message"]["attachments"]
    link = httpx.URL(told["url"]).raw_path.decode()
    linked = await stage.client.get(f"{stage.base}{link}")
    assert (linked.status_code, linked.content) == (200, PNG)
    assert "attachment" in linked.headers["content-disposition"]

    # What came before the handoff stands below the preview; what comes later, below its words.
    thread, ana = await handed_over(stage, sam)
    await shows(stage, thread, ("boots.png", PNG))
    await attach(sam, "invoice.pdf", PDF)
    await shows(stage, thread, ("boots.png", PNG), ("invoice.pdf", PDF))

    # An agent's words and file arrive together; a note's file stays.
    secret = await ana.upload("secret.pdf", PDF)
    note = await ana.reply(ORDERS, thread.ts, "!n look", files=[secret])
    label = await ana.upload("label.png", PNG)
    said = await ana.reply(ORDERS, thread.ts, "Your label", files=[label])
    await has(sam, ("label.png", PNG))
    await thread.has_mark(said, "✅")
    await thread.has_mark(note, "🔒")
    assert await sam.texts() == ["Your label"]

    # Nobody else reads any of it, and what is taken back is gone.
    for path in (f"/webchat/files/{early['id']}", f"/files/{early['id']}"):
        answer = await eve.client.get(path, headers=eve.headers)
        assert answer.status_code == 404
    (message,) = [m for m in await sam.messages() if m["text"] == "Your label"]
    await ana.delete(ORDERS, said)
    await until(lambda: _gone(sam, message["attachments"][0]), what="the file to be gone")
    assert await received(sam) == []


async def _gone(customer: Customer, attachment: Json) -> bool:
    answer = await customer.client.get(attachment["url"], headers=customer.headers)
    return answer.status_code == 404


COMPLETE = ["files.completeUploadExternal"]


async def test_what_slack_refuses_or_loses_the_answer_of_is_told_or_looked_up(
    over_http: Stage,
) -> None:
    stage = over_http
    sam = await stage.customer("Sam Rivera")
    thread, ana = await handed_over(stage, sam)

    # A lost answer: it is there, and is not shown twice.
    lost = {"kind": "drop_response_after_store", "methods": COMPLETE, "count": 1}
    await stage.oracle.faults(lost)
    await attach(sam, "one.png", PNG)
    await shows(stage, thread, ("one.png", PNG))
    await until(lambda: settled(stage, sam, "one.png"), what="the upload to be settled")
    await shows(stage, thread, ("one.png", PNG))

    # Refused: the thread says what is missing, and can be shown it again.
    refusal = {"kind": "error", "error": "file_not_found", "methods": COMPLETE, "count": 1}
    await stage.oracle.faults(refusal)
    await attach(sam, "two.pdf", PDF, "and this")
    line = await thread.line_about("two.pdf is missing here")
    await ana.click("send_again", channel=ORDERS, ts=line["ts"])
    await shows(stage, thread, ("one.png", PNG), ("two.pdf", PDF))

    # An agent's file that may not leave, and one that Slack did not give at first.
    program = await ana.upload("fix.exe", b"MZ" + PNG)
    said = await ana.reply(ORDERS, thread.ts, "run this", files=[program])
    await thread.has_mark(said, "⚠️")
    await thread.line_about("could run where it is opened")
    await stage.oracle.faults({"kind": "file_not_found", "count": 1})
    label = await ana.upload("label.pdf", PDF)
    said = await ana.reply(ORDERS, thread.ts, "", files=[label])
    await thread.has_mark(said, "⚠️")
    line = await thread.line_about("a file of it is gone")
    await ana.click("send_again", channel=ORDERS, ts=line["ts"])
    await has(sam, ("label.pdf", PDF))
    await thread.has_mark(said, "✅")
    assert "run this" not in await sam.texts()


async def settled(stage: Stage, customer: Customer, name: str) -> bool:
    """Whether something said later is there, which waits behind the file."""
    await customer.say(f"after {name}")
    thread = await stage.thread(customer)
    return f"after {name}" in await thread.said()


async def test_as_much_as_is_allowed_passes_and_more_or_a_program_does_not(
    one_stage: Stage,
) -> None:
    stage = one_stage
    sam = await stage.customer("Sam Rivera")
    thread, ana = await handed_over(stage, sam)
    film = b"\x00\x00\x00\x18ftypmp42" + bytes(25 * MIB - 12)
    await attach(sam, "film.mp4", film)
    await until(lambda: _has(stage, thread, "film.mp4", film), 60, "the film in the thread")
    back = await ana.upload("back.mp4", film)
    await ana.reply(ORDERS, thread.ts, "Cut", files=[back])
    await until(lambda: _got(sam, "back.mp4", film), 60, "the film at the customer's")
    refused = [
        (await upload(sam, "film.mp4", film + b"x"), 413, "too_large"),
        (await upload(sam, "film.mp4", film + bytes(MIB)), 413, "too_large"),
        (await upload(sam, "setup.exe", b"MZ\x90"), 415, "file_type"),
        (await upload(sam, "empty.txt", b""), 422, "file_empty"),
    ]
    for answer, status, code in refused:
        assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


async def _has(stage: Stage, thread: Thread, name: str, content: bytes) -> bool:
    return (name, digest(content)) in await in_thread(stage, thread)


async def _got(customer: Customer, name: str, content: bytes) -> bool:
    return (name, digest(content)) in await received(customer)


async def test_a_kill_in_the_midst_of_files_loses_and_doubles_none(tmp_path: Path) -> None:
    setting = Setting(f"sqlite:///{tmp_path}/deskbridge.db")
    async with on_stage(setting, tmp_path) as stage:
        sam = await stage.customer("Sam Rivera")
        thread, ana = await handed_over(stage, sam)
        await stage.oracle.faults({"kind": "hang", "methods": COMPLETE})
        await attach(sam, "boots.png", PNG)
        await _killed_and_back(stage)
        await stage.oracle.faults({"kind": "hang", "methods": ["files.info"]})
        label = await ana.upload("label.pdf", PDF)
        said = await ana.reply(ORDERS, thread.ts, "Your label", files=[label])
        await _killed_and_back(stage)
        await shows(stage, thread, ("boots.png", PNG))
        await has(sam, ("label.pdf", PDF))
        await thread.has_mark(said, "✅")
        await shows(stage, thread, ("boots.png", PNG))


async def _killed_and_back(stage: Stage) -> None:
    """Killed once it has met the fault."""

    async def met() -> bool:
        return await stage.oracle.used() > 0

    await until(met, what="the fault to be met")
    stage.product.kill()
    await stage.oracle.faults()
    await stage.start()
