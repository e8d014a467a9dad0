"""Set up, it is part of the product: the door is there, and letters go."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from adapters.email import mailer as factory
from bridge.model import ConversationId
from bridge.ports import Deps, Diagnoses
from tests.adapters.email.server import OURS, SECRET, mail_host
from tests.bridge.running import UNLIMITED, configured, in_file, running

EMAIL = f'{UNLIMITED}[email]\nfrom = "{OURS}"\nafter = 1\n'


async def test_a_letter_goes_and_its_answer_comes_back(tmp_path: Path) -> None:
    async with mail_host() as host:
        url = f"smtp://127.0.0.1:{host.port}?tls=off"
        made = configured(
            in_file(tmp_path), tmp_path, EMAIL, SMTP_URL=url, EMAIL_INBOUND_SECRET=SECRET
        )
        async with running(made) as desk:
            sam = await desk.visitor(page={"url": "https://shop.example/cart"})
            await sam.say("Hello")
            told = {"email": "sam@home.example"}
            await desk.client.post("/webchat/email", json=told, headers=sam.headers)
            view = await desk.process.now.reads.view_of(ConversationId(sam.conversation))
            assert view is not None
            await desk.agent_says(view.handoff.id, "Good morning")

            async def arrived() -> bool:
                return bool(host.taken)

            await desk.until(arrived)
            (mail,) = host.mails
            assert "https://shop.example/cart" in mail.as_string()
            answer = f"From: sam@home.example\nTo: {mail['Reply-To']}\n\nGood evening".encode()
            headers = {"Authorization": f"Bearer {SECRET}", "Content-Type": "message/rfc822"}
            for expected in (200, 401):
                came = await desk.client.post("/email/inbound", content=answer, headers=headers)
                assert came.status_code == expected
                headers = {}
            assert "Good evening" in await sam.texts()


async def test_without_a_mail_server_there_is_no_door(tmp_path: Path) -> None:
    settings = configured(in_file(tmp_path), tmp_path)
    none: Any = None
    assert factory(Deps(settings, none, none, none, none, lambda: 0)) is None
    assert isinstance(factory, Diagnoses)
