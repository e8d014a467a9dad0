"""Whether the page still tells us, and what `deskbridge check` says of it."""

from __future__ import annotations

from typing import Any, cast

import pytest
from starlette.routing import Mount

import adapters.messenger
from adapters.messenger.keeper import FIELDS, Keeper, is_subscribed
from bridge.findings import Finding, Status
from bridge.ports import Diagnoses, Patient, Runs
from bridge.settings import Settings
from bridge.web import application
from sandbox.graph import Graph, create_app, settings_for
from storage.memory import MemoryLimiter
from tests.adapters.messenger.things import META, NOW, PAGE, World, world
from tests.adapters.slack.world import served
from tests.waiting import until


def keeper(page: World, every: float = 900.0) -> Keeper:
    return Keeper(page.channel._graph, MemoryLimiter(), (PAGE,), every)


async def test_a_page_that_tells_us_nothing_any_more_is_subscribed_again() -> None:
    async with world() as page:
        assert not await keeper(page).look(PAGE)
        page.meta.world.subscribed.clear()
        assert await keeper(page).look(PAGE)
        assert {"messages", "message_echoes"} <= page.meta.world.subscribed <= set(FIELDS)


async def test_of_several_processes_one_looks() -> None:
    async with world() as page:
        keeps = keeper(page)
        page.meta.world.subscribed.clear()
        assert await keeps.look(PAGE)
        page.meta.world.subscribed.clear()
        assert not await keeps.look(PAGE)


async def test_it_looks_at_the_start_and_goes_on_whatever_fails() -> None:
    async with world() as page:
        page.meta.world.subscribed.clear()
        page.meta.world.revoked = True
        keeps = keeper(page, every=0.01)
        await keeps.start()
        await until(page.channel.fault)
        page.meta.world.revoked = False
        await until(lambda: page.meta.world.subscribed)
        await keeps.close()
    never = keeper(page, every=0)
    await never.start()
    await never.close()


async def test_a_mistake_in_one_look_does_not_end_it() -> None:
    class Odd:
        calls = 0

        async def get(self, *_asked: str) -> Any:
            self.calls += 1
            raise RuntimeError("a mistake")

    odd = Odd()
    keeps = Keeper(cast(Any, odd), MemoryLimiter(), (PAGE, "2"), 900.0)
    await keeps.start()
    await until(lambda: odd.calls >= 2)
    await keeps.close()


async def test_the_channel_brings_its_keeper() -> None:
    async with world() as page:
        [keeps] = page.channel.fetchers(cast(Any, page.bridge.receive))
        assert isinstance(keeps, Runs)
        await page.channel.start()


@pytest.mark.parametrize("data", [None, [], [7], [{"subscribed_fields": None}]])
def test_odd_answers_are_no_subscription(data: Any) -> None:
    assert not is_subscribed({"data": data})


def test_fields_may_come_with_their_version() -> None:
    fields = [{"name": name, "version": "v26.0"} for name in FIELDS]
    assert is_subscribed({"data": [{"subscribed_fields": fields}]})


# --- deskbridge check ----------------------------------------------------------------------------


class Checked:
    """A product and a Meta at one address, and what the doctor finds."""

    def __init__(self, base: str, meta: Graph) -> None:
        self.base = base
        self.meta = meta

    async def find(self, **changes: str) -> dict[str, Finding]:
        env = settings_for(META, f"{self.base}/meta") | {"PUBLIC_URL": self.base} | changes
        settings, faults = Settings.examine(env, None)
        factory = adapters.messenger.channel
        assert isinstance(factory, Diagnoses)
        found = await factory.diagnose(Patient(settings, faults, lambda: NOW))
        worse = {Status.FAILED, Status.WARNING}
        assert all(each.remedy for each in found if each.status in worse)
        assert not any(secret in repr(found) for secret in (META.page_token, META.app_secret))
        return {each.id.removeprefix("messenger."): each for each in found}

    async def states(self, **changes: str) -> dict[str, str]:
        return {name: each.status.value for name, each in (await self.find(**changes)).items()}


async def test_the_doctor_looks_at_token_subscription_version_and_webhook() -> None:
    meta = create_app(META)
    well = {"token": "ok", "subscription": "ok", "version": "ok", "webhook": "ok"}
    async with world() as page:
        routes = page.channel.routes(cast(Any, page.bridge.receive))
        product = application([*routes, Mount("/meta", meta)])
        async with served(product) as base:
            checked = Checked(base, meta.state.graph)
            assert await checked.states() == well
            assert await checked.states(
                MESSENGER_VERIFY_TOKEN="another", MESSENGER_PAGE_TOKEN=META.page_token
            ) == well | {"webhook": "failed"}
            checked.meta.world.subscribed.clear()
            assert (await checked.states())["subscription"] == "failed"
            gone = {"token": "failed", "subscription": "skipped"}
            wrong = {"MESSENGER_APP_SECRET": "another", "PUBLIC_URL": f"{base}/nowhere"}
            assert await checked.states(**wrong) == well | gone | {"webhook": "failed"}
            assert (await checked.find(**wrong))["token"].remedy.startswith("Compare")
            bad_token = {"MESSENGER_PAGE_TOKEN": f"{PAGE}=wrong"}
            assert await checked.states(**bad_token) == well | gone
            old = {"MESSENGER_API_URL": f"{base}/meta/v22.0"}
            assert (await checked.states(**old))["version"] == "failed"
            foreign = {"MESSENGER_PAGE_TOKEN": f"1={META.page_token}"}
            assert (await checked.states(**foreign))["token"] == "failed"
    silent = await checked.states()
    assert silent == gone | {"version": "ok", "webhook": "failed"}


async def test_the_doctor_says_what_it_did_not_look_at() -> None:
    checked = Checked("http://127.0.0.1:9", cast(Any, None))
    assert await checked.find(MESSENGER_PAGE_TOKEN="", MESSENGER_APP_SECRET="") == {}
    assert await checked.states(MESSENGER_API_URL="nonsense") == {"messenger": "skipped"}
    assert (await checked.states(PUBLIC_URL="nonsense"))["webhook"] == "skipped"
