"""Files performed by the workers: brought here, and shown on the desk once."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import pytest

from bridge.calling import FETCHED_WITHIN
from bridge.commands import Accepted, AgentSaid, Fetched, UserSaid
from bridge.effects import CallBot, FetchFiles, Line, Mark, PostFile, SendToUser
from bridge.errors import Refused, Retry, Unknown
from bridge.filing import Filed, NoFiles, on_web
from bridge.model import (
    Attachment,
    Conversation,
    ConversationId,
    Message,
    MessageId,
    Standing,
    Thread,
)
from bridge.policy import Traits
from bridge.ports import Outgoing, ReadFile, Receipt
from bridge.stores import Work
from bridge.transfers import Transfers, in_preview
from bridge.views import CustomerPost, LinePost, View
from tests.bridge.driver import ANA, CNV, SAM
from tests.bridge.fakes import TEAM, AbleDesk, FakeBot, FakeChannel, PlainDesk
from tests.bridge.house import POLICY, House, house
from tests.bridge.test_perform import CONVERSATION, HANDOFF, MESSAGE, performer, work

PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 100
TAKES_FILES = replace(POLICY, channels={"webchat": Traits(reads_store=True, files=True)})
AWAY = Attachment("a.png", "image/png", len(PNG), "desk:F1")


@dataclass
class CarryingDesk(AbleDesk):
    """A desk that has a file, and takes files."""

    content: bytes = PNG
    lending: list[Exception] = field(default_factory=list)
    uploaded: list[bytes] = field(default_factory=list)
    shared: list[str] = field(default_factory=list)

    async def lend(self, file: Attachment) -> AsyncIterator[bytes]:
        if self.lending:
            raise self.lending.pop(0)
        for n in range(0, len(self.content), 50):
            yield self.content[n : n + 50]

    async def upload(self, file: Attachment, chunks: AsyncIterator[bytes]) -> str:
        self.uploaded.append(b"".join([chunk async for chunk in chunks]))
        return f"F{len(self.uploaded)}"

    async def share(
        self, thread: Thread, view: View, message: Message, upload: str, key: str
    ) -> Receipt:
        self._meet(lambda: self.shared.append(f"{upload} {key}"))
        return Receipt((TEAM, thread.channel, upload))

    async def find(self, thread: Thread | None, view: View, key: str, since: int) -> Receipt | None:
        if any(each.endswith(key) for each in self.shared):
            return Receipt()
        return await super().find(thread, view, key, since)


@pytest.fixture
def desk() -> CarryingDesk:
    return CarryingDesk()


@pytest.fixture
async def made(desk: CarryingDesk, tmp_path: Path) -> AsyncIterator[House]:
    async with house(f"sqlite:///{tmp_path}/house.db", desk) as found:
        await found.hands_over()
        yield found


async def sends(house: House) -> MessageId:
    """The user sends a picture that is here; what it is called."""

    async def chunks() -> AsyncIterator[bytes]:
        yield PNG

    kept = await house.files.keep(CNV, "a.png", chunks())
    said = UserSaid(house.key(), house.clock.now, SAM, "look", attachments=(kept,))
    answer = await house.do(said)
    assert isinstance(answer, Accepted)
    return MessageId(answer.data["id"])


async def test_a_users_file_is_uploaded_and_shared_below_the_words(
    made: House, desk: CarryingDesk
) -> None:
    message = await sends(made)
    await made.quiet()
    assert desk.uploaded == [PNG]
    assert desk.shared == [f"F1 {message}/file/0"]
    said = [post for _, post in desk.posted if isinstance(post, CustomerPost)]
    assert [post.text for post in said] == ["look"]


async def test_a_share_whose_answer_was_lost_is_looked_up_and_not_repeated(
    made: House, desk: CarryingDesk
) -> None:
    desk.moods.say(None, Unknown("no_answer"), lost=True)
    message = await sends(made)
    await made.quiet()
    await made.later(15.0)
    assert desk.shared == [f"F1 {message}/file/0"]
    assert desk.uploaded == [PNG]


async def test_a_share_that_did_not_arrive_is_made_again_after_the_quarantine(
    made: House, desk: CarryingDesk
) -> None:
    desk.moods.say(None, Unknown("no_answer"))
    message = await sends(made)
    await made.quiet()
    assert desk.shared == []
    for _ in range(3):
        await made.later(15.0)
    assert desk.shared == [f"F2 {message}/file/0"]


async def test_a_file_that_is_not_kept_any_more_is_told(made: House, desk: CarryingDesk) -> None:
    gone = Attachment("a.png", "image/png", 5, "fil_0")
    await made.do(UserSaid(made.key(), made.clock.now, SAM, "look", attachments=(gone,)))
    await made.quiet()
    lines = [post for _, post in desk.posted if isinstance(post, LinePost)]
    assert (lines[-1].line, lines[-1].detail) == (Line.FAILED, "file:0:file_gone")


async def agent_sends(house: House) -> str:
    source = house.key()
    order = f"{house.clock.now}.1"
    said = AgentSaid(
        source, house.clock.now, house.thread, ANA, "here", source, order, files=1,
        attachments=(AWAY,),
    )  # fmt: skip
    await house.do(said)
    return source


async def test_an_agents_file_is_fetched_and_what_fails_is_tried_again(
    tmp_path: Path, desk: CarryingDesk
) -> None:
    desk.lending = [Retry("away")]
    async with house(f"sqlite:///{tmp_path}/house.db", desk, policy=TAKES_FILES) as made:
        await made.hands_over()
        source = await agent_sends(made)
        await made.quiet()
        before = await made.reads.by_message(source)
        assert before
        assert before.standing is Standing.PENDING
        await made.later(0.5)
        message = await made.reads.by_message(source)
        assert message
        (file,) = message.attachments
        assert (message.standing, file.size, file.mime) == (Standing.SENT, len(PNG), "image/png")
        filed = await made.files.find(file.ref)
        assert filed
        assert b"".join([chunk async for chunk in made.files.read(filed)]) == PNG
        assert desk.marked[-1] == (source, Mark.TAKEN)


# --- without a store -----------------------------------------------------------------------------


async def test_a_message_that_is_gone_needs_no_files() -> None:
    able = performer(CarryingDesk(), message=None)
    for effect in (FetchFiles(MESSAGE.id), PostFile(HANDOFF.id, MESSAGE.id)):
        result = await able.perform(work(effect))
        assert type(result).__name__ == "Delivered"


@pytest.mark.parametrize("desk", [None, PlainDesk()])
async def test_a_file_of_somebody_unknown_is_gone(desk: PlainDesk | None) -> None:
    message = Message(MESSAGE.id, CNV, CONVERSATION.workspace_id, 1, 1, MESSAGE.author, "x",
                      attachments=(AWAY,))  # fmt: skip
    able = performer(desk, message=message)
    with pytest.raises(Refused, match="file_gone"):
        await able.perform(work(FetchFiles(message.id)))
    with pytest.raises(Refused, match="no_files"):
        await able.perform(work(PostFile(HANDOFF.id, message.id)))
    with pytest.raises(Refused, match="no_thread"):
        await performer(desk, thread=None).perform(work(PostFile(HANDOFF.id, MESSAGE.id)))


async def test_a_doubtful_share_is_waited_for_before_it_is_repeated() -> None:
    message = replace(MESSAGE, attachments=(replace(AWAY, ref="fil_1"),))
    able = performer(CarryingDesk(), message=message)
    with pytest.raises(Unknown, match="not_found_yet"):
        await able.perform(work(PostFile(HANDOFF.id, MESSAGE.id), doubtful=True))


async def test_a_file_is_given_to_a_channel_as_a_part_of_its_own() -> None:
    channel = FakeChannel()
    message = replace(MESSAGE, attachments=(replace(AWAY, ref="fil_1"),))
    able = performer(channels={"webchat": channel}, message=message)
    for part in (0, 1):
        await able.perform(work(SendToUser(MESSAGE.id, part, 2)))
    assert [text for _, text in channel.sent] == [MESSAGE.text, ""]
    assert channel.files == [*message.attachments]


@dataclass
class UploadingChannel(FakeChannel):
    """One that is brought a file before it sends it."""

    uploaded: list[bytes] = field(default_factory=list)
    sends: list[str] = field(default_factory=list)

    async def upload(self, conversation: Conversation, file: Attachment, read: ReadFile) -> str:
        for _ in range(2):  # the second time from the first byte again
            self.uploaded.append(b"".join([chunk async for chunk in read()]))
        return f"U{len(self.uploaded)}"

    async def send(self, conversation: Conversation, message: Outgoing, key: str) -> Receipt:
        self.sends.append(message.upload)
        return await super().send(conversation, message, key)


class Kept(NoFiles):
    """Has one file."""

    async def find(self, id: str) -> Filed | None:
        return Filed(id, CNV, "a.png", "image/png", len(PNG)) if id == "fil_1" else None

    async def read_all(self) -> AsyncIterator[bytes]:
        yield PNG

    def read(self, file: Filed) -> AsyncIterator[bytes]:
        return self.read_all()


async def test_a_channel_that_wants_it_so_is_brought_the_file_before_it_is_sent() -> None:
    channel, lanes = UploadingChannel(), Lanes(1)
    for ref, renewals, error in (("fil_1", 1, ""), ("fil_1", 0, "lane_lost"), ("fil_2", 1, "gone")):
        lanes.left = renewals
        message = replace(MESSAGE, text="", attachments=(replace(AWAY, ref=ref),))
        able = performer(channels={"webchat": channel}, message=message)
        able.transfers = replace(able.transfers, files=Kept(), lanes=cast(Any, lanes))
        if error:
            with pytest.raises((Retry, Refused), match=error):
                await able.perform(work(SendToUser(MESSAGE.id)))
        else:
            await able.perform(work(SendToUser(MESSAGE.id)))
    assert channel.uploaded == [PNG] * 4
    assert channel.sends == ["U2"]


async def test_a_bot_is_told_of_a_message_when_its_files_are_here_or_are_late() -> None:
    bot = FakeBot()
    coming = replace(MESSAGE, attachments=(AWAY,), sent_at=0)
    call = CallBot("message.created", 1, MESSAGE.id)
    conversation = replace(CONVERSATION, bot_id="robo")
    able = performer(bots={"robo": bot}, message=coming, conversation=conversation)
    with pytest.raises(Retry, match="files_on_their_way"):
        await able.perform(work(call))
    late = replace(coming, sent_at=-FETCHED_WITHIN)
    able = performer(bots={"robo": bot}, message=late, conversation=conversation)
    await able.perform(work(call))
    assert [each.body["data"]["message"]["attachments"] for each in bot.calls] == [
        [{"name": "a.png", "mime": "image/png", "size": len(PNG)}]
    ]


class Lanes:
    """Gives the lane up after so many renewals."""

    def __init__(self, renewals: int) -> None:
        self.left = renewals

    async def begin(self, work: Work) -> Work | None:
        self.left -= 1
        return work if self.left >= 0 else None


class Takes(NoFiles):
    """Reads it all and keeps nothing."""

    async def keep(
        self, conversation: ConversationId, name: str, chunks: AsyncIterable[bytes]
    ) -> Attachment:
        _ = [chunk async for chunk in chunks]
        return AWAY


async def test_who_has_lost_the_lane_in_the_midst_of_a_file_stops() -> None:
    lanes, desk = Lanes(1), CarryingDesk()
    transfers = Transfers(Takes(), lanes, desk, {}, lambda: 7)  # type: ignore[arg-type]
    late = work(FetchFiles(MESSAGE.id), begin_by=0.0)
    message = Message(MESSAGE.id, CNV, CONVERSATION.workspace_id, 1, 1, MESSAGE.author, "x",
                      attachments=(AWAY,))  # fmt: skip
    with pytest.raises(Retry, match="lane_lost"):
        await transfers.fetch(late, message)


async def test_the_lane_is_kept_while_one_file_after_the_other_cannot_be_had() -> None:
    lanes = Lanes(2)
    transfers = Transfers(Takes(), lanes, None, {}, lambda: 7, Web())  # type: ignore[arg-type]
    away = tuple(on_web(name, f"https://away.example/{name}") for name in ("a", "b"))
    late = work(FetchFiles(MESSAGE.id), begin_by=0.0)
    result = await transfers.fetch(late, replace(MESSAGE, attachments=away))
    assert isinstance(result, Fetched)
    assert (result.attachments, lanes.left) == (away, 0)


def test_below_a_preview_are_the_files_that_are_here() -> None:
    def message(name: str, *files: Attachment, deleted: bool = False) -> Message:
        return Message(
            MessageId(name), CNV, CONVERSATION.workspace_id, 1, 1, MESSAGE.author, "x",
            attachments=files, deleted=deleted,
        )  # fmt: skip

    kept = Attachment("a", "", 1, "fil_1")
    shown = in_preview((message("a", kept, kept), message("b", AWAY), message("c", deleted=True)))
    assert shown == (("a", 0), ("a", 1))


class Web:
    """Has one file, and no other."""

    async def lend(self, file: Attachment) -> AsyncIterator[bytes]:
        if not file.ref.endswith("/a.png"):
            raise Refused("file_is_a_page")
        yield PNG


@pytest.mark.parametrize(("web", "kept"), [(Web(), 1), (None, 0)])
async def test_of_files_on_the_web_those_that_cannot_be_had_stay_there(
    web: Web | None, kept: int
) -> None:
    transfers = Transfers(Takes(), Lanes(0), None, {}, lambda: 7, web)  # type: ignore[arg-type]
    named = tuple(on_web(name, f"https://shop.example/{name}") for name in ("a.png", "page"))
    message = replace(MESSAGE, attachments=named)
    result = await transfers.fetch(work(FetchFiles(MESSAGE.id), begin_by=float("inf")), message)
    assert isinstance(result, Fetched)
    assert result.attachments == (*(AWAY,) * kept, *named[kept:])
