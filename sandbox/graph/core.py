"""The stand-in as a whole, and what its customers do."""

from sandbox.graph.config import GraphConfig, Json
from sandbox.graph.courier import Courier
from sandbox.graph.faults import Faults
from sandbox.graph.model import FIELDS, Message, World


class Graph:
    def __init__(self, config: GraphConfig) -> None:
        self.config = config
        self.world = World(config, subscribed=set(FIELDS) if config.subscribed else set())
        self.faults = Faults()
        self.courier = Courier(config, self.world, self.faults)

    async def close(self) -> None:
        await self.courier.close()

    # --- what a customer does ------------------------------------------------------------------

    def write(
        self, psid: str, text: str = "", attachments: list[Json] | None = None, ago: float = 0.0
    ) -> Message:
        """`ago`: it was written so many seconds ago, and the app hears of it only now."""
        message = self.world.say(psid, text, by_page=False, attachments=attachments or [])
        message.at -= ago
        self.world.customer(psid).heard_at = message.at
        told: Json = {"mid": message.mid}
        told |= {"text": text} if text else {}
        told |= {"attachments": attachments} if attachments else {}
        self._from(psid, "messages", {"message": told}, message.at)
        return message

    def choose(self, psid: str, title: str) -> Message:
        """Presses a quick reply under the page's last words. Raises KeyError."""
        offered = [each for m in self.world.of(psid)[-1:] for each in m.replies]
        chosen = next((each for each in offered if each["title"] == title), None)
        if chosen is None:
            raise KeyError(title)
        message = self.world.say(psid, title, by_page=False)
        reply = {"payload": chosen["payload"]}
        told = {"mid": message.mid, "text": title, "quick_reply": reply}
        self._from(psid, "messages", {"message": told}, message.at)
        return message

    def press(self, psid: str, title: str, payload: str) -> Message:
        """A button of a template, or *Get Started*."""
        message = self.world.say(psid, title, by_page=False)
        told = {"mid": message.mid, "title": title, "payload": payload}
        self._from(psid, "messaging_postbacks", {"postback": told}, message.at)
        return message

    def react(self, psid: str, mid: str, emoji: str, *, on: bool = True) -> None:
        """Raises KeyError."""
        message = self.world.find(mid)
        if message is None:
            raise KeyError(mid)
        message.reaction = emoji if on else ""
        self.world.version += 1
        self.world.customer(psid).heard_at = self.world.now()
        action = "react" if on else "unreact"
        told = {"mid": mid, "emoji": emoji, "reaction": "other", "action": action}
        self._from(psid, "message_reactions", {"reaction": told}, self.world.now())

    def edit(self, psid: str, mid: str, text: str) -> None:
        """Raises KeyError."""
        message = self.world.find(mid)
        if message is None:
            raise KeyError(mid)
        message.text = text
        self.world.version += 1
        told = {"mid": mid, "text": text, "num_edit": "1"}
        self._from(psid, "message_edits", {"message_edit": told}, self.world.now())

    def read(self, psid: str) -> None:
        """Opens the conversation: all that the page said is read."""
        for message in self.world.of(psid):
            message.read = message.read or message.by_page
        watermark = int(self.world.now() * 1_000)
        self._from(psid, "message_reads", {"read": {"watermark": watermark}}, self.world.now())

    def _from(self, psid: str, field: str, event: Json, at: float) -> None:
        people = {"sender": {"id": psid}, "recipient": {"id": self.config.page_id}}
        self.courier.tell(field, psid, {**people, "timestamp": int(at * 1_000), **event})

    # --- what follows from the page's words ----------------------------------------------------

    def took(self, message: Message) -> None:
        """The page's app is told of what the page said, and that it arrived."""
        people = {"sender": {"id": self.config.page_id}, "recipient": {"id": message.psid}}
        told: Json = {"is_echo": True, "app_id": int(self.config.app_id), "mid": message.mid}
        told |= {"text": message.text} if message.text else {}
        told |= {"attachments": message.attachments} if message.attachments else {}
        told |= {"metadata": message.metadata} if message.metadata else {}
        at = int(message.at * 1_000)
        if not self.faults.strike({"no_echo": ""}, message.psid):
            echo = {**people, "timestamp": at, "message": told}
            self.courier.tell("message_echoes", message.psid, echo)
        delivery = {"delivery": {"mids": [message.mid], "watermark": at}}
        self._from(message.psid, "message_deliveries", delivery, message.at)
