"""The doctor looks at everything at once, and nothing that goes wrong hides anything else."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from bridge import app as product
from bridge.doctor import Doctor
from bridge.findings import Check, Finding, Status, all_well
from bridge.judgement import DatabaseFacts, RedisFacts
from bridge.ports import Patient
from bridge.settings import Settings

WELL = DatabaseFacts("SQLite", "desk.db", revision="1", newest="1", free=10**12)
OWN = Check("own", "Own")


async def database(_url: str) -> DatabaseFacts:
    return WELL


async def redis(url: str) -> RedisFacts:
    return RedisFacts(url, version="7.2")


class Adapter:
    """A factory that can be asked."""

    def __init__(self, error: Exception | None = None) -> None:
        self._error = error
        self.patients: list[Patient] = []

    def __call__(self, _deps: Any) -> None:
        raise AssertionError("nothing is made")

    async def diagnose(self, patient: Patient) -> Sequence[Finding]:
        self.patients.append(patient)
        if self._error:
            raise self._error
        return [OWN.ok("well")]


RULE = '[[triggers]]\nname = "legal"\nkind = "legal"\nchannels = ["{}"]'


class Sleeper:
    async def diagnose(self, _patient: Patient) -> Sequence[Finding]:
        await asyncio.Event().wait()
        raise AssertionError


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def configured(text: str) -> None:
    Path("deskbridge.toml").write_text(text, "utf-8")


async def examined(
    *factories: Any, env: dict[str, str] | None = None, patience: float = 60.0, **probes: Any
) -> dict[str, Finding]:
    given = {"database": database, "redis": redis, **probes}
    doctor = Doctor(**given, factories=factories, clock=lambda: 0, patience=patience)
    found = await doctor.examine(*Settings.examine(env or {}))
    return {each.id: each for each in found}


async def test_settings_database_redis_address_and_adapters_are_looked_at() -> None:
    found = await examined(Adapter(), env={"REDIS_URL": "redis://cache"})
    assert list(found)[:2] == ["settings", "database"]
    assert {"redis.version", "public_url", "own"} <= found.keys()
    assert all_well(found.values())


@pytest.mark.parametrize(
    ("toml", "told"),
    [
        ('[approvals]\nquorum = 5\nreviewers = ["U0ANA0001"]', "5 must agree, and reviewers and"),
        ('[approvals]\nquorum = 2\nreviewers = ["U0ANA0001"]\nescalate_to = ["U0BEN0001"]', ""),
        ('[approvals]\nquorum = 5\nreviewers = ["default", "U0ANA0001"]', ""),
        ('[approvals]\nquorum = 5\nreviewers = ["S0ORDERS1"]', ""),
        ("[approvals]\nquorum = 5", ""),
        (
            RULE.format("webcat"),
            "legal looks at webcat, which is no channel that is installed; did ",
        ),
        (RULE.format("webchat"), ""),
        (RULE.format("our-own-app"), ""),
    ],
)
async def test_what_fits_and_cannot_be_meant_is_a_warning(toml: str, told: str) -> None:
    configured(toml)
    found = await examined(channels=("webchat", "messenger"))
    warned = [
        each for each in found.values() if each.id in ("approvals.quorum", "triggers.channels")
    ]
    assert [each.status for each in warned] == ([Status.WARNING] if told else [])
    assert all(each.found.startswith(told) and each.remedy for each in warned)
    assert found["settings"].found == "all fit"


async def test_a_factory_that_knows_nothing_of_its_health_is_let_be() -> None:
    assert "own" not in await examined(lambda _deps: None)


async def test_one_that_breaks_hides_no_other() -> None:
    found = await examined(Adapter(KeyError("secret")), Adapter())
    broken = found[Adapter.__module__]
    assert broken.status is Status.FAILED
    assert "KeyError" in broken.found
    assert "secret" not in repr(broken)
    assert found["own"].status is Status.OK


async def test_one_that_hangs_hides_no_other() -> None:
    found = await examined(Sleeper(), Adapter(), patience=1.0)
    assert found[Sleeper.__module__].status is Status.FAILED
    assert "within 1 s" in found[Sleeper.__module__].found
    assert found["own"].status is Status.OK


async def test_without_redis_one_process_needs_none() -> None:
    found = await examined()
    assert (found["redis"].status, "REDIS_URL" in found["redis"].found) == (Status.OK, True)


async def test_every_fault_of_the_settings_is_told_and_what_is_sound_is_looked_at() -> None:
    adapter = Adapter()
    wrong = {"REDIS_URL": "cache", "API_KEY": "short", "WEBCHAT_ORIGINS": "https://a.example"}
    found = await examined(adapter, env=wrong)
    assert [name for name in found if name.startswith("settings")] == [
        "settings.API_KEY", "settings.REDIS_URL",
    ]  # fmt: skip
    assert found["redis"].found == "not looked at, because of REDIS_URL"
    assert found["database"].status is Status.OK
    (patient,) = adapter.patients
    assert patient.fault_in("DATABASE_URL", "API_KEY") == "API_KEY"
    assert patient.fault_in("DATABASE_URL") == ""
    assert patient.settings.webchat_origins == ("https://a.example",)


@pytest.mark.parametrize("name", ["DATABASE_URL", "PUBLIC_URL"])
async def test_a_setting_with_a_fault_is_why_it_is_not_looked_at(name: str) -> None:
    found = await examined(env={name: "nonsense"})
    assert f"not looked at, because of {name}" in {each.found for each in found.values()}
    assert not all_well(found.values())


async def test_with_a_file_that_cannot_be_read_nothing_is_guessed() -> None:
    adapter = Adapter()
    configured("database_url = ")
    found = await examined(adapter)
    assert found["settings.DESKBRIDGE_CONFIG"].status is Status.FAILED
    assert {each.status for name, each in found.items() if not name.startswith("settings")} == {
        Status.SKIPPED
    }
    assert adapter.patients == []


async def test_the_real_one_looks_at_real_servers(empty_postgres: str, redis_url: str) -> None:
    key = "k" * 32
    env = {"DATABASE_URL": empty_postgres, "REDIS_URL": redis_url, "SECRET_KEY": key}
    empty = {each.id: each for each in await product.check_up(env)}
    assert empty["database.schema"].found == "empty; made at the first start"
    await product.migrate(Settings.load(env))
    found = {each.id: each for each in await product.check_up(env)}
    assert {name for name, each in found.items() if each.status is Status.OK} >= {
        "settings", "database", "database.schema", "database.writable", "database.clock",
        "redis", "redis.version", "redis.role", "redis.clock", "bots",
    }  # fmt: skip
    assert found["database.durability"].remedy.startswith("Set fsync = on")  # off in the tests
    assert found["slack"].status is found["webchat.origins"].status is Status.WARNING
    assert all_well(found.values())
    assert key not in repr(found)


def test_nothing_is_made_by_looking_at_settings() -> None:
    settings, faults = Settings.examine({})
    assert settings is not None
    assert (settings.secret_key, faults) == (None, {})
    assert list(Path().iterdir()) == []


def test_a_faulty_section_of_the_file_is_left_out_and_the_rest_is_read() -> None:
    text = 'public_url = "https://desk.example"\n[handoff]\npreview = 500\n[nonsense]\na = 1\n'
    configured(text)
    settings, faults = Settings.examine({})
    assert list(faults) == ["handoff.preview", "nonsense"]
    assert settings is not None
    assert settings.public_url == "https://desk.example"
