"""The webchat's part of `deskbridge check`."""

from __future__ import annotations

import pytest

import adapters.webchat
from adapters.webchat.checkup import of_origins
from bridge.ports import Diagnoses, Patient
from bridge.settings import Settings

DESK = "https://desk.example.com"


async def diagnosed(**env: str) -> tuple[str, str]:
    settings, faults = Settings.examine(env, None)
    assert isinstance(adapters.webchat.channel, Diagnoses)
    (found,) = await adapters.webchat.channel.diagnose(Patient(settings, faults, lambda: 0))
    return found.status, found.found


async def test_sites_that_are_named_are_well() -> None:
    told = await diagnosed(
        PUBLIC_URL=DESK, WEBCHAT_ORIGINS="https://shop.example, https://b.example"
    )
    assert told == ("ok", "https://shop.example, https://b.example")


async def test_without_a_site_only_our_own_pages_carry_the_widget() -> None:
    ours = ("warning", "no site but our own address may carry the widget")
    assert await diagnosed(PUBLIC_URL=DESK) == ours
    assert await diagnosed(PUBLIC_URL=DESK, WEBCHAT_ORIGINS=f"{DESK},http://localhost:3000") == ours
    assert (await diagnosed())[0] == "warning"


async def test_pages_on_this_machine_are_named_and_are_no_site_of_customers() -> None:
    told = await diagnosed(WEBCHAT_ORIGINS="http://127.0.0.1:3000")
    assert told[0] == "warning"
    assert told[1].endswith("on this machine may carry the widget: http://127.0.0.1:3000")


@pytest.mark.parametrize(
    ("setting", "value"), [("PUBLIC_URL", "desk"), ("WEBCHAT_ORIGINS", "https://a.example/path")]
)
async def test_a_setting_with_a_fault_is_why_it_is_not_looked_at(setting: str, value: str) -> None:
    told = await diagnosed(**{setting: value})
    assert told == ("skipped", f"not looked at, because of {setting}")


@pytest.mark.parametrize(
    ("origins", "public_url", "status", "remedy"),
    [
        (("http://shop.example",), DESK, "warning", "Serve the site with https://"),
        (("https://shop.example",), "http://desk.example.com", "failed", "Set PUBLIC_URL"),
        (("https://shop.example",), "http://127.0.0.1:8080", "ok", ""),
        (("http://127.0.0.1:3000",), "http://127.0.0.1:8080", "warning", "WEBCHAT_ORIGINS"),
    ],
)
def test_what_browsers_would_refuse_has_its_remedy(
    origins: tuple[str, ...], public_url: str, status: str, remedy: str
) -> None:
    found = of_origins(origins, public_url)
    assert found.status == status
    assert remedy in found.remedy
