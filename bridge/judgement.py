"""What the facts about the settings, the database, Redis and the public address mean, and what is
to be done about it. Pure: facts in, findings out; the facts are gathered by `storage/probes.py` and
`probing.py`. Adapters judge their own platforms.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from bridge.findings import Check, Finding
from bridge.settings_file import CONFIG, Place

SKEW = 60.0
"""Seconds that two clocks may differ. Signatures are good for five minutes."""
MEGABYTE = 1024 * 1024
DISK_LOW, DISK_FULL = 1024 * MEGABYTE, 100 * MEGABYTE
OLDEST_REDIS = (5, 0)
"""The limiter's script asks for the time and then writes, which older ones refuse."""
SET_CLOCK = "Set this machine's clock: sudo timedatectl set-ntp true"
MIGRATE = "Run: deskbridge migrate"

DATABASE = Check("database", "Database")
SCHEMA = Check("database.schema", "Database: schema")
DURABILITY = Check("database.durability", "Database: durability")
WRITABLE = Check("database.writable", "Database: writable")
DISK = Check("database.disk", "Database: disk")
DATABASE_CLOCK = Check("database.clock", "Database: clock")
OF_DATABASE = (SCHEMA, DURABILITY, WRITABLE, DISK, DATABASE_CLOCK)
REDIS = Check("redis", "Redis")
REDIS_VERSION = Check("redis.version", "Redis: version")
REDIS_ROLE = Check("redis.role", "Redis: role")
REDIS_CLOCK = Check("redis.clock", "Redis: clock")
OF_REDIS = (REDIS_VERSION, REDIS_ROLE, REDIS_CLOCK)
SETTINGS = Check("settings", "Settings")
PUBLIC_URL = Check("public_url", "Public address")


# --- settings ------------------------------------------------------------------------------------


def of_settings(faults: Mapping[str, str], places: Mapping[str, Place]) -> list[Finding]:
    """One finding for each fault, or one that says that there is none. `places`: where they
    stand, as far as anybody wrote them."""
    if not faults:
        return [SETTINGS.ok("all fit")]
    return [_of_fault(name, fault, places.get(name, Place(name))) for name, fault in faults.items()]


def _of_fault(name: str, fault: str, place: Place) -> Finding:
    where = place.source or "the environment or in deskbridge.toml"
    verb = "Correct" if place.source else "Set"
    remedy = f"{verb} {place.written} in {where}; see docs/settings.md"
    if name == CONFIG:
        remedy = f"Correct that file, or which one {CONFIG} names; see docs/settings.md"
    return Check(f"settings.{name}", place.written).failed(fault, remedy)


def is_loopback(host: str) -> bool:
    """Whether an address is this machine's own, that nobody else can reach."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def of_public_url(url: str) -> Finding:
    parts = urlsplit(url)
    address = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
    if is_loopback(parts.hostname or ""):
        return PUBLIC_URL.warning(
            f"{address} can be opened on this machine only",
            "Set PUBLIC_URL to the https:// address under which customers reach this machine",
        )
    if parts.scheme != "https":
        return PUBLIC_URL.failed(
            f"{address} is not encrypted; Slack and browsers refuse it",
            "Put a proxy with a certificate before Deskbridge and set PUBLIC_URL to https://…",
        )
    return PUBLIC_URL.ok(address)


# --- the database --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DatabaseFacts:
    """`place` is the address without user and password. `fault`: why it does not answer, a key of
    `UNREACHABLE` or an error's name. `revision` is the schema's, None in an empty database; `known`
    whether this program has heard of it. `weakness`: what lets a committed message be lost;
    `refusal`: why nothing can be written. `free` in bytes, None where it cannot be seen; `skew` is
    its clock minus ours in seconds."""

    kind: str
    place: str
    embedded: bool = True
    absent: bool = False
    fault: str = ""
    revision: str | None = None
    newest: str = ""
    known: bool = True
    durability: str = ""
    weakness: str = ""
    refusal: str = ""
    free: int | None = None
    skew: float = 0.0


UNREACHABLE: Mapping[str, tuple[str, str]] = {
    "refused": (
        "nothing listens there",
        "Start the server, or correct host and port in {setting}",
    ),
    "unknown_host": ("the host's name is unknown", "Correct the host in {setting}"),
    "timeout": (
        "no answer in time",
        "Correct host and port in {setting}, and let this machine through the firewall there",
    ),
    "password": (
        "user or password is refused",
        "Correct user and password in {setting}; special characters are written as %40 for @",
    ),
    "no_database": (
        "the server has no such database",
        "Create it (createdb NAME), or correct the name in {setting}",
    ),
    "no_folder": ("the folder does not exist", "Create the folder, or correct {setting}"),
    "no_access": (
        "the file or its folder may not be opened or written",
        "Give the user that runs Deskbridge the file and its folder (chown), or correct {setting}",
    ),
    "not_a_database": (
        "the file is no SQLite database, or is damaged",
        "Move the file away or restore a backup, or name another file in {setting}",
    ),
    "locked": (
        "another program holds the file's lock",
        "End what else has the file open (a backup, an sqlite3 shell)",
    ),
    "read_only": (
        "it takes no writes",
        "Name the primary server in {setting}, or set default_transaction_read_only = off there",
    ),
    "no_privilege": (
        "the user may not write",
        "Run there: GRANT ALL ON ALL TABLES IN SCHEMA public TO the user of {setting}",
    ),
    "not_redis": (
        "what answers there is no Redis",
        "Correct host and port in {setting} (redis://host:6379/0, rediss:// with TLS)",
    ),
}
"""By reason: what was found, and the remedy."""


def unreachable(check: Check, place: str, fault: str, setting: str) -> Finding:
    found, remedy = UNREACHABLE.get(
        fault, (f"it fails with {fault}", "Look into the server's log, and correct {setting}")
    )
    return check.failed(f"{place}: {found}", remedy.format(setting=setting))


def of_database(facts: DatabaseFacts) -> list[Finding]:
    if facts.fault:
        failed = unreachable(DATABASE, facts.place, facts.fault, "DATABASE_URL")
        return [failed, *(check.skipped(DATABASE.title) for check in OF_DATABASE)]
    found = [DATABASE.ok(f"{facts.kind}, {facts.place}"), _schema(facts)]
    if not facts.absent:
        found += [_durability(facts), _writable(facts)]
    if facts.free is not None:
        found.append(_disk(facts.free))
    if not facts.embedded:
        found.append(of_clock(DATABASE_CLOCK, facts.skew, "the database's machine"))
    return found


def _schema(facts: DatabaseFacts) -> Finding:
    if facts.revision == facts.newest:
        return SCHEMA.ok(f"{facts.revision}, the newest")
    if facts.revision is None:
        return SCHEMA.ok("empty; made at the first start")
    if not facts.known:
        return SCHEMA.failed(
            f"{facts.revision} is not known here: a newer Deskbridge made it",
            "Install the Deskbridge that made it, or a newer one: pip install --upgrade deskbridge",
        )
    old = f"{facts.revision} is older than {facts.newest}"
    if facts.embedded:
        return SCHEMA.warning(f"{old}; the next start brings it up to date", MIGRATE)
    return SCHEMA.failed(old, MIGRATE)


def _durability(facts: DatabaseFacts) -> Finding:
    if not facts.weakness:
        return DURABILITY.ok(facts.durability)
    where = (
        "Keep the file on a local disk; WAL does not work on a network's"
        if facts.embedded
        else "Set fsync = on and synchronous_commit = on in postgresql.conf and reload the server"
    )
    return DURABILITY.warning(f"{facts.weakness}: a crash can lose what was taken", where)


def _writable(facts: DatabaseFacts) -> Finding:
    if not facts.refusal:
        return WRITABLE.ok("yes")
    return unreachable(WRITABLE, facts.place, facts.refusal, "DATABASE_URL")


def _disk(free: int) -> Finding:
    found = f"{free / (1024 * MEGABYTE):.1f} GiB free"
    remedy = "Free some space on the disk of DATABASE_URL's file, or move it to a larger one"
    if free < DISK_FULL:
        return DISK.failed(found, remedy)
    return DISK.warning(found, remedy) if free < DISK_LOW else DISK.ok(found)


# --- Redis ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RedisFacts:
    """As `DatabaseFacts`. `primary` is false for a replica, which takes no writes."""

    place: str
    fault: str = ""
    version: str = ""
    primary: bool = True
    skew: float = 0.0


def without_redis() -> Finding:
    return REDIS.ok("none: right for one process; several need REDIS_URL")


def of_redis(facts: RedisFacts) -> list[Finding]:
    if facts.fault:
        failed = unreachable(REDIS, facts.place, facts.fault, "REDIS_URL")
        return [failed, *(check.skipped(REDIS.title) for check in OF_REDIS)]
    return [
        REDIS.ok(f"{facts.place} answers"),
        _redis_version(facts.version),
        _redis_role(facts.primary),
        of_clock(REDIS_CLOCK, facts.skew, "Redis' machine"),
    ]


def _redis_version(version: str) -> Finding:
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    if numbers >= OLDEST_REDIS:
        return REDIS_VERSION.ok(version)
    oldest = ".".join(map(str, OLDEST_REDIS))
    return REDIS_VERSION.failed(
        f"{version or 'unknown'} is too old", f"Install Redis {oldest} or newer, or any Valkey"
    )


def _redis_role(primary: bool) -> Finding:
    if primary:
        return REDIS_ROLE.ok("primary")
    return REDIS_ROLE.failed("a replica, which takes no writes", "Name the primary in REDIS_URL")


# --- clocks --------------------------------------------------------------------------------------


def of_clock(check: Check, skew: float, whose: str) -> Finding:
    """`skew`: theirs minus ours, in seconds. Leases and limits are by the server's own clock, so a
    difference does no harm to them; signatures and times that people read are by ours."""
    if abs(skew) < SKEW:
        return check.ok(f"{abs(skew):.0f} s apart")
    side = "behind" if skew > 0 else "ahead of"
    return check.warning(f"this machine is {abs(skew):.0f} s {side} {whose}", SET_CLOCK)
