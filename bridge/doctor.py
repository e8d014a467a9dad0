"""`deskbridge check`: everything is looked at at the same time, and nothing hides anything else.

The doctor knows what every installation has: settings, a database, perhaps Redis, an address.
Adapters bring what they know of their platforms (`ports.Diagnoses`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bridge import checkup_alerts, checkup_settings, judgement
from bridge.findings import Check, Finding
from bridge.judgement import DatabaseFacts, RedisFacts
from bridge.ports import Clock, Diagnoses, Patient
from bridge.settings import Settings
from bridge.settings_file import CONFIG, Place

PATIENCE = 30.0
"""Seconds for each part; every question in it has a shorter time-out of its own."""

Findings = Sequence[Finding]


@dataclass(frozen=True, slots=True)
class Doctor:
    """`factories` are those of all adapters that are installed, `channels` those of channels,
    by name."""

    database: Callable[[str], Awaitable[DatabaseFacts]]
    redis: Callable[[str], Awaitable[RedisFacts]]
    factories: Iterable[Any]
    clock: Clock
    patience: float = PATIENCE
    channels: Collection[str] = ()

    async def examine(
        self,
        settings: Settings | None,
        faults: dict[str, str],
        places: Mapping[str, Place] | None = None,
    ) -> list[Finding]:
        """`places`: where the faults stand."""
        found = judgement.of_settings(faults, places or {})
        if settings is None:
            parts = (judgement.DATABASE, judgement.REDIS, judgement.PUBLIC_URL)
            return [*found, *(part.skipped(CONFIG) for part in parts)]
        found += checkup_settings.unmeant(settings, self.channels)
        patient = Patient(settings, faults, self.clock)
        parts_found = await asyncio.gather(
            self._guarded(judgement.DATABASE, self._database(patient)),
            self._guarded(judgement.REDIS, self._redis(patient)),
            self._guarded(judgement.PUBLIC_URL, _public_url(patient)),
            self._guarded(checkup_alerts.ALERTS, checkup_alerts.diagnose(patient)),
            *(
                self._guarded(Check(_module(factory), _module(factory)), factory.diagnose(patient))
                for factory in self.factories
                if isinstance(factory, Diagnoses)
            ),
        )
        return found + [finding for part in parts_found for finding in part]

    async def _guarded(self, check: Check, looking: Awaitable[Findings]) -> Findings:
        """A part that hangs or has a mistake of its own is a finding as well."""
        try:
            async with asyncio.timeout(self.patience):
                return await looking
        except TimeoutError:
            found = f"it was not looked at to the end within {self.patience:g} s"
            return [check.failed(found, "Run deskbridge check again; the network is very slow")]
        except Exception as error:  # noqa: BLE001 - one part's mistake must not hide the others
            found = f"the check itself has a mistake ({type(error).__name__})"
            return [check.failed(found, "Report it, with the version: pip show deskbridge")]

    async def _database(self, patient: Patient) -> Findings:
        if fault := patient.fault_in("DATABASE_URL"):
            return [judgement.DATABASE.skipped(fault)]
        return judgement.of_database(await self.database(patient.settings.database_url))

    async def _redis(self, patient: Patient) -> Findings:
        if fault := patient.fault_in("REDIS_URL"):
            return [judgement.REDIS.skipped(fault)]
        if not (url := patient.settings.redis_url):
            return [judgement.without_redis()]
        return judgement.of_redis(await self.redis(url))


async def _public_url(patient: Patient) -> Findings:
    if fault := patient.fault_in("PUBLIC_URL"):
        return [judgement.PUBLIC_URL.skipped(fault)]
    return [judgement.of_public_url(patient.settings.public_url)]


def _module(factory: Any) -> str:
    return type(factory).__module__
