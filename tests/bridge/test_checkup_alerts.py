"""Webhooks of alerts are looked for, and nothing is said to them."""

from __future__ import annotations

import asyncio
from pathlib import Path

from bridge.checkup_alerts import diagnose
from bridge.ports import Patient
from bridge.settings import Settings
from tests.bridge.alarm import HOOK
from tests.servers import free_port, listening

PLACE = '[[alerts.to]]\nname = "{}"\nwebhook = "{}"\nsecret = "{}"\nkinds = ["overdue"]\n'


def patient(path: Path, urls: dict[str, str], allowed: str = "127.0.0.0/8") -> Patient:
    file = path / "desk.toml"
    places = "".join(PLACE.format(name, url, HOOK["secret"]) for name, url in urls.items())
    file.write_text(f'[webhooks]\nallow_private = "{allowed}"\n{places}')
    settings, faults = Settings.examine({}, file)
    assert not faults
    return Patient(settings, faults, lambda: 0)


async def test_a_webhook_that_listens_is_there_and_hears_nothing(tmp_path: Path) -> None:
    heard: list[bytes] = []

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.read())
        writer.close()

    socket = listening()
    port = socket.getsockname()[1]
    async with await asyncio.start_server(listen, sock=socket):
        urls = {
            "there": f"http://127.0.0.1:{port}/x",
            "away": f"http://127.0.0.1:{free_port()}/x",
            "private": "https://10.1.2.3/x",
        }
        found = await diagnose(patient(tmp_path, urls))
        assert {each.id: each.status.value for each in found} == {
            "alerts.there": "ok",
            "alerts.away": "failed",
            "alerts.private": "failed",
        }
        assert "private address" in found[2].found
        assert b"".join(heard) == b""


async def test_where_there_is_none_nothing_is_looked_at(tmp_path: Path) -> None:
    assert await diagnose(patient(tmp_path, {})) == []
