"""What is to go wrong, by name. A rule holds for `times` calls or webhooks, zero for always,
and for one customer where it names one."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from sandbox.graph.config import Json
from sandbox.graph.judge import BLOCKED, OWNED, Refusal

CALLS: Mapping[str, str] = {
    "rate_limited": "613: calls too often, with a usage header",
    "app_limited": "4: the app's limit",
    "http_429": "429 without an error of the Graph API's",
    "http_500": "500 of a gateway, nothing done",
    "temporary": "2: a fault of Meta's own, nothing done",
    "lost_request": "the connection is lost, nothing done",
    "lost_response": "taken, and then the connection is lost",
    "late_500": "taken, and then a gateway's 504",
    "token_expired": "190: the token has ended",
    "no_permission": "200: a permission is missing",
    "restricted": "10/1893063: the page is restricted",
    "blocked": "551: the customer cannot be reached",
    "other_app": "10/2018300: another app has the thread",
    "usage_high": "taken, with a usage header of 95 per cent",
}
"""Faults of calls; those of sends hit only `/messages`."""
WEBHOOKS: Mapping[str, str] = {
    "duplicate": "sent twice at once",
    "batch": "held back and sent with the next ones, ten at most",
    "reorder": "held back until the next one was sent",
    "no_echo": "echoes are not sent",
    "bad_signature": "signed with another secret, then once more rightly",
    "lost_answer": "the answer is lost, so it is sent again",
}
KINDS = {**CALLS, **WEBHOOKS}
TAKES = frozenset({"lost_response", "late_500", "usage_high"})
"""Those that come after the thing was done."""
REFUSALS: Mapping[str, Refusal] = {
    "rate_limited": Refusal(613, 0, "(#613) Calls to this api have exceeded the rate limit."),
    "app_limited": Refusal(4, 0, "(#4) Application request limit reached", 403),
    "temporary": Refusal(2, 0, "Service temporarily unavailable", 500),
    "token_expired": Refusal(190, 463, "Error validating access token", 401),
    "no_permission": Refusal(200, 2018028, "(#200) Cannot message users who are not admins", 403),
    "restricted": Refusal(10, 1893063, "(#10) This Page is temporarily restricted", 403),
    "blocked": BLOCKED,
    "other_app": OWNED,
}


class BadFault(Exception):
    """There is none of that name."""


@dataclass(slots=True)
class Rule:
    kind: str
    times: int = 1
    psid: str = ""
    every: int = 1
    """Hits only each of so many."""
    used: int = 0
    met: int = 0

    @property
    def holds(self) -> bool:
        return not self.times or self.used < self.times

    def hits(self) -> bool:
        self.met += 1
        if self.met % self.every:
            return False
        self.used += 1
        return True


@dataclass(slots=True)
class Faults:
    rules: list[Rule] = field(default_factory=list)

    def set(self, rules: list[Json]) -> None:
        """In place of earlier ones. Raises BadFault."""
        made = [Rule(**rule) for rule in rules]
        for rule in made:
            if rule.kind not in KINDS:
                raise BadFault(rule.kind)
        self.rules = made

    def strike(self, kinds: Mapping[str, str], psid: str = "") -> str:
        """The fault of these kinds that hits now; empty: none. It is used up by that."""
        for rule in self.rules:
            fits = rule.kind in kinds and rule.holds and rule.psid in ("", psid)
            if fits and rule.hits():
                return rule.kind
        return ""

    def has(self, kind: str) -> bool:
        """Whether this one holds; that uses nothing up."""
        return any(rule.kind == kind and rule.holds for rule in self.rules)

    def told(self) -> list[Json]:
        return [asdict(rule) for rule in self.rules]
