"""What the doctor's facts mean: for each thing that can be wrong, the very remedy."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bridge import judgement
from bridge.findings import Finding, Status
from bridge.judgement import UNREACHABLE, DatabaseFacts, RedisFacts
from bridge.settings_file import Place

FILE = DatabaseFacts(
    "SQLite 3.46", "desk.db", revision="0001", newest="0001", durability="WAL", free=10**12
)
SERVER = replace(
    FILE, kind="PostgreSQL 18", place="postgresql://db/desk", embedded=False, free=None
)
REDIS = RedisFacts("redis://cache:6379/0", version="7.4.1")


def by_id(findings: list[Finding]) -> dict[str, Finding]:
    return {finding.id: finding for finding in findings}


def test_a_file_that_is_well_is_well_in_all_parts() -> None:
    found = judgement.of_database(FILE)
    assert {finding.status for finding in found} == {Status.OK}
    assert [finding.id for finding in found] == [
        "database", "database.schema", "database.durability", "database.writable", "database.disk",
    ]  # fmt: skip


def test_a_server_has_a_clock_and_no_disk_of_ours() -> None:
    found = by_id(judgement.of_database(SERVER))
    assert found["database.clock"].status is Status.OK
    assert "database.disk" not in found


def test_a_file_that_is_not_there_yet_is_well_and_is_not_asked_more() -> None:
    absent = replace(FILE, absent=True, revision=None)
    found = judgement.of_database(absent)
    assert [finding.id for finding in found] == ["database", "database.schema", "database.disk"]
    assert "made at the first start" in found[1].found


@pytest.mark.parametrize("reason", UNREACHABLE)
def test_a_database_that_cannot_be_reached_names_the_remedy_and_what_was_not_looked_at(
    reason: str,
) -> None:
    first, *others = judgement.of_database(replace(SERVER, fault=reason))
    words, remedy = UNREACHABLE[reason]
    assert first.status is Status.FAILED
    assert first.found == f"postgresql://db/desk: {words}"
    assert first.remedy == remedy.format(setting="DATABASE_URL")
    assert {each.status for each in others} == {Status.SKIPPED}
    assert {each.found for each in others} == {"not looked at, because of Database"}


def test_a_reason_that_nobody_has_foreseen_is_told_by_its_name() -> None:
    first = judgement.of_database(replace(SERVER, fault="TooManyConnectionsError"))[0]
    assert "TooManyConnectionsError" in first.found
    assert "log" in first.remedy


@pytest.mark.parametrize(
    ("facts", "id", "status", "remedy"),
    [
        (replace(SERVER, revision="0000"), "database.schema", "failed", "deskbridge migrate"),
        (replace(FILE, revision="0000"), "database.schema", "warning", "deskbridge migrate"),
        (
            replace(FILE, revision="0999", known=False),
            "database.schema",
            "failed",
            "pip install --upgrade deskbridge",
        ),
        (replace(SERVER, weakness="fsync = off"), "database.durability", "warning", "fsync = on"),
        (
            replace(FILE, weakness="journal mode delete"),
            "database.durability",
            "warning",
            "local disk",
        ),
        (replace(SERVER, refusal="read_only"), "database.writable", "failed", "primary server"),
        (replace(SERVER, refusal="no_privilege"), "database.writable", "failed", "GRANT ALL"),
        (replace(FILE, refusal="locked"), "database.writable", "failed", "End what else"),
        (replace(FILE, free=500 * 1024**2), "database.disk", "warning", "Free some space"),
        (replace(FILE, free=50 * 1024**2), "database.disk", "failed", "Free some space"),
        (replace(SERVER, skew=-90.0), "database.clock", "warning", "timedatectl set-ntp true"),
    ],
)
def test_what_is_wrong_with_a_database_has_its_remedy(
    facts: DatabaseFacts, id: str, status: str, remedy: str
) -> None:
    found = by_id(judgement.of_database(facts))[id]
    assert found.status == status
    assert remedy in found.remedy


@pytest.mark.parametrize(
    ("facts", "id", "status", "remedy"),
    [
        (REDIS, "redis", "ok", ""),
        (replace(REDIS, fault="refused"), "redis", "failed", "port in REDIS_URL"),
        (replace(REDIS, fault="password"), "redis", "failed", "password in REDIS_URL"),
        (REDIS, "redis.version", "ok", ""),
        (replace(REDIS, version="4.0.14"), "redis.version", "failed", "Install Redis 5.0"),
        (replace(REDIS, version=""), "redis.version", "failed", "Install Redis 5.0"),
        (replace(REDIS, primary=False), "redis.role", "failed", "primary in REDIS_URL"),
        (replace(REDIS, skew=61.0), "redis.clock", "warning", "timedatectl set-ntp true"),
    ],
)
def test_what_is_wrong_with_redis_has_its_remedy(
    facts: RedisFacts, id: str, status: str, remedy: str
) -> None:
    found = by_id(judgement.of_redis(facts))[id]
    assert found.status == status
    assert remedy in found.remedy


@pytest.mark.parametrize(
    ("skew", "side"), [(60.0, "behind"), (-60.0, "ahead of"), (59.0, ""), (-59.0, "")]
)
def test_a_minute_is_too_much_and_the_side_is_told(skew: float, side: str) -> None:
    found = judgement.of_clock(judgement.REDIS_CLOCK, skew, "theirs")
    assert found.status == ("warning" if side else "ok")
    assert side in found.found


@pytest.mark.parametrize(
    ("url", "status", "remedy"),
    [
        ("https://desk.example.com", "ok", ""),
        ("http://desk.example.com", "failed", "set PUBLIC_URL to https://"),
        ("http://127.0.0.1:8080", "warning", "Set PUBLIC_URL to the https://"),
        ("http://localhost:8080", "warning", "Set PUBLIC_URL to the https://"),
        ("https://desk.localhost", "warning", "Set PUBLIC_URL to the https://"),
    ],
)
def test_the_public_address_is_https_and_not_only_ours(url: str, status: str, remedy: str) -> None:
    found = judgement.of_public_url(url)
    assert found.status == status
    assert remedy in found.remedy


def test_a_password_in_the_public_address_is_not_shown() -> None:
    assert "hunter2" not in judgement.of_public_url("https://desk:hunter2@desk.example.com").found


def test_every_fault_of_the_settings_is_a_finding_of_its_own() -> None:
    places = {"bots[0].url": Place('[[bots]] "robo": url', "deskbridge.toml")}
    found = judgement.of_settings({"API_KEY": "is short", "bots[0].url": "is no URL"}, places)
    assert [(each.id, each.status, each.found) for each in found] == [
        ("settings.API_KEY", "failed", "is short"),
        ("settings.bots[0].url", "failed", "is no URL"),
    ]
    assert [each.remedy.partition(";")[0] for each in found] == [
        "Set API_KEY in the environment or in deskbridge.toml",
        'Correct [[bots]] "robo": url in deskbridge.toml',
    ]
    assert all("docs/settings.md" in each.remedy for each in found)
    assert [each.status for each in judgement.of_settings({}, {})] == ["ok"]
    [broken] = judgement.of_settings({"DESKBRIDGE_CONFIG": "a.toml is not valid TOML"}, {})
    assert broken.remedy.startswith("Correct that file, or which one DESKBRIDGE_CONFIG names")
