"""The whole product on a stage: Slack's stand-in, a bot on strings, and `deskbridge serve`.

Everything goes over the public surface: customers by the webchat's HTTP, agents by the workspace,
bots by webhook and `/v1`; the workspace's own record is the oracle.
"""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from sandbox import graph
from sandbox.slack import seed
from sandbox.slack.person import Person
from tests.scenarios.customer import IDENTITY_SECRET, Customer
from tests.scenarios.facebook import CONFIG, PageCustomer
from tests.scenarios.processes import SOURCE, Server, until
from tests.scenarios.puppet import SECRET, Puppet
from tests.scenarios.thread import Oracle, Thread
from tests.servers import PLAIN, free_port
from tests.waiting import PATIENCE

API_KEY = "scenario-api-key-of-at-least-32-characters"
TOKEN = "xoxb-scenario"
SIGNING_SECRET = "scenario-signing-secret"
APP_TOKEN = "xapp-scenario"
RETRIES = ",".join(["0.1", "0.3", *["0.7"] * 60])
"""Seconds: the workspace repeats an event for most of a minute."""
TOML = """
[slack]
posts_per_second = {posts}
sweep_every = {sweep_every}
[delivery]
timeout = {timeout}
quarantine = {quarantine}
lease = {lease}
probe_every = 0.3
[webchat]
messages_per_minute = 0
conversations_per_hour = 0
files_per_ten_minutes = 0
[handoff]
reopen_within = {reopen_within}
undo_resolve = {undo_resolve}
[replies]
undo_seconds = 0
[agents]
may_delete = true
"""
TEMPLATES_TOML = """
[templates]
shortcuts = [{ name = "hello", value = "Hi {{userFirstName}}, {{agentName}} here." }]
macros = [{ name = "spam", do = ["label spam", "t hello", "resolve silent: spam", "wake"] }]
"""
MESSENGER_TOML = """
[messenger]
human_agent = {granted}
resubscribe_every = 1
echo_patience = 1
"""
DESK_TOML = """
[webhooks]
allow_private = true
[[actions]]
name = "chase"
label = "Chase the courier"
url = "{url}"
secret = "{secret}"
fields = ["amount"]
[[queues]]
name = "returns"
"""
"""An action of the desk's own, which the bot does, and a second queue, in the same channel."""
BOT_TOML = """
[[bots]]
url = "{url}"
secret = "{secret}"
patience = {patience}
"""


@dataclass(frozen=True, slots=True)
class Setting:
    """How the product is set up. Times in seconds, short so that a test need not wait long."""

    database_url: str
    redis_url: str = ""
    bot: Puppet | None = None
    patience: float = 30.0
    posts_per_second: float = 0.0
    timeout: float = 1.0
    quarantine: float = 0.3
    lease: float = 3.0
    reopen_within: float = 600.0
    sweep_every: float = 60.0
    sockets: bool = False
    """Socket Mode: Slack knows no address of the product, and there is no signing secret."""
    socket_life: float = 3600.0
    slack_waits: float = 20.0
    """For an answer of ours, for which Slack gives three: a busy machine is no slow app."""
    undo_resolve: float = 0.4
    channel_limit: bool = False
    retry_delays: str = RETRIES
    messenger: bool = False
    """Whether there is a page on Facebook, too."""
    human_agent: bool = False
    """Whether Meta has granted that to the page, and the settings say so."""
    more_toml: str = ""
    commands: tuple[tuple[str, ...], ...] = (("-m", "bridge.cli"),)
    """What runs `deskbridge`, for each process; Slack and bots talk to the first."""
    roles: tuple[str, ...] = ()
    """For each process; none: all. The first one serves."""

    @property
    def fronts(self) -> list[int]:
        """The processes that serve customers."""
        roles = self.roles or ("all",) * len(self.commands)
        return [number for number, role in enumerate(roles) if role != "worker"]

    def toml(self) -> str:
        text = TOML.format(
            posts=self.posts_per_second,
            sweep_every=self.sweep_every,
            timeout=self.timeout,
            quarantine=self.quarantine,
            lease=self.lease,
            reopen_within=self.reopen_within,
            undo_resolve=self.undo_resolve,
        )
        if self.bot:
            text += BOT_TOML.format(url=self.bot.url, secret=SECRET, patience=self.patience)
        if self.messenger:
            text += MESSENGER_TOML.format(granted=str(self.human_agent).lower())
        return text + TEMPLATES_TOML + self.more_toml


@dataclass(slots=True)
class Stage:
    slack: Server
    products: list[Server]
    bases: list[str]
    slack_base: str
    client: httpx.AsyncClient
    oracle: Oracle
    bot: Puppet | None = None
    meta: Server | None = None
    meta_base: str = ""
    _customers: list[Customer | PageCustomer] = field(default_factory=list)
    _people: list[Person] = field(default_factory=list)

    @property
    def product(self) -> Server:
        return self.products[0]

    @property
    def the_bot(self) -> Puppet:
        assert self.bot, "no bot on this stage"
        return self.bot

    @property
    def base(self) -> str:
        """Where Slack and bots find it."""
        return self.bases[0]

    # --- people --------------------------------------------------------------------------------

    async def customer(self, name: str = "Sam Rivera", which: int = 0) -> Customer:
        """One who has opened the widget, served by that process."""
        customer = Customer(self.bases[which], name, secrets.token_hex(8))
        self._customers.append(customer)
        await customer.arrive()
        return customer

    async def page_customer(self, first: str = "Sam", last: str = "Rivera") -> PageCustomer:
        """One who knows the page on Facebook."""
        customer = PageCustomer(self.meta_base, secrets.randbelow(10**14), first, last)
        self._customers.append(customer)
        await customer.arrive()
        return customer

    async def meta_faults(self, *rules: dict[str, object]) -> None:
        """Puts these in force at Meta's, where there is a page, instead of any earlier ones."""
        if self.meta_base:
            url = f"{self.meta_base}/control/faults"
            (await self.client.post(url, json={"rules": list(rules)})).raise_for_status()

    def agent(self, id: str = seed.ANA) -> Person:
        person = Person(self.slack_base, id)
        self._people.append(person)
        return person

    # --- looking -------------------------------------------------------------------------------

    async def api(self, method: str, path: str, **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {API_KEY}"}
        url = f"{self.base}/v1{path}"
        return await self.client.request(method, url, headers=headers, **more)

    async def conversation(self, customer: Customer | PageCustomer) -> dict[str, object]:
        answer = await self.api("GET", f"/conversations/{customer.conversation}")
        return answer.json() if answer.is_success else {}

    async def thread(self, customer: Customer | PageCustomer, but: str = "") -> Thread:
        """The thread of the customer's handoff, once it is there; `but`: another than this one."""

        async def opened() -> Thread | None:
            handoff = (await self.conversation(customer)).get("handoff_id")
            root = await self.oracle.root(str(handoff)) if handoff and handoff != but else None
            return Thread(self.oracle, root["ts"], handoff=str(handoff)) if root else None

        found = await until(opened, what="a thread for the handoff")
        assert found
        return found

    # --- life and death ------------------------------------------------------------------------

    async def start(self, which: int = 0) -> None:
        self.products[which].start()
        await self.products[which].answers(f"{self.bases[which]}/healthz")

    async def hears(self, which: int = 0) -> None:
        """Returns when Slack can tell the process something: in Socket Mode it has to connect."""

        async def whole() -> bool:
            ready = await self.client.get(f"{self.bases[which]}/readyz")
            return bool(ready.json() == {"status": "ok", "degraded": []})

        await until(whole, what="the product to be ready")

    def logs(self) -> str:
        return "\n".join(
            server.tail() for server in (*self.products, self.slack, *_some(self.meta))
        )

    async def clear(self) -> None:
        """Everybody goes home, and everything works again."""
        for customer in self._customers:
            await customer.close()
        for person in self._people:
            await person.aclose()
        self._customers.clear()
        self._people.clear()
        await self.oracle.faults()
        if self.meta_base:
            (await self.client.post(f"{self.meta_base}/control/reset")).raise_for_status()


@asynccontextmanager
async def on_stage(setting: Setting, folder: Path) -> AsyncIterator[Stage]:
    """Starts all of it, and ends it with the block."""
    bases = [f"http://127.0.0.1:{free_port()}" for _ in setting.commands]
    slack_base = f"http://127.0.0.1:{free_port()}"
    slack = _slack(setting, folder, slack_base, bases[0])
    meta_base = f"http://127.0.0.1:{free_port()}" if setting.messenger else ""
    meta = _meta(setting, folder, meta_base, bases[0]) if meta_base else None
    around = {"slack": slack_base, "meta": meta_base}
    products = [
        _product(setting, folder, number, base, around) for number, base in enumerate(bases)
    ]
    async with httpx.AsyncClient(trust_env=False, verify=PLAIN, timeout=PATIENCE) as client:
        oracle = Oracle(slack_base, client)
        stage = Stage(
            slack, products, bases, slack_base, client, oracle, setting.bot, meta, meta_base
        )
        try:
            for stand_in in (slack, *_some(meta)):
                stand_in.start()
            for which in range(len(products)):
                await stage.start(which)  # one after the other: the first makes the tables
            await slack.answers(f"{slack_base}/control/violations")
            if setting.sockets:
                for which in range(len(products)):
                    await stage.hears(which)
            yield stage
            await stage.clear()
        finally:
            for server in (*products, slack, *_some(meta)):
                server.end()


def _slack(setting: Setting, folder: Path, slack_base: str, base: str) -> Server:
    command = [
        *("-m", "sandbox.slack", "--port", _port(slack_base)),
        *_way(setting, base),
        *("--bot-token", TOKEN),
        *("--manifest", str(SOURCE / "manifest.yml"), "--retry-delays", setting.retry_delays),
        *("--patience", str(setting.slack_waits)),
        *(("--channel-limit",) if setting.channel_limit else ()),
    ]
    return Server("slack", command, folder, {})


def _meta(setting: Setting, folder: Path, meta_base: str, base: str) -> Server:
    command = [
        *("-m", "sandbox.graph", "--port", _port(meta_base)),
        *("--callback-url", f"{base}/messenger/webhook", "--retry-delay", "0.3"),
        *(("--human-agent",) if setting.human_agent else ()),
    ]
    return Server("meta", command, folder, {})


def _some(server: Server | None) -> list[Server]:
    return [server] if server else []


def _way(setting: Setting, base: str) -> list[str]:
    """How Slack reaches the product."""
    if setting.sockets:
        life = str(setting.socket_life)
        return ["--socket-mode", "--app-token", APP_TOKEN, "--socket-life", life]
    return ["--request-url", f"{base}/slack/events", "--signing-secret", SIGNING_SECRET]


def _product(
    setting: Setting, folder: Path, number: int, base: str, around: dict[str, str]
) -> Server:
    """`around`: where the stand-ins are."""
    config = folder / "deskbridge.toml"
    config.write_text(setting.toml())
    role = ["--role", setting.roles[number]] if setting.roles else []
    command = [*setting.commands[number], "serve", "--port", _port(base), *role]
    variables = _variables(setting, config, around["slack"])
    if around["meta"]:
        variables |= graph.settings_for(CONFIG, around["meta"])
    return Server(f"product-{number}", command, folder, variables)


def _port(base: str) -> str:
    return base.rpartition(":")[2]


def _variables(setting: Setting, config: Path, slack_base: str) -> dict[str, str]:
    named = {
        "DESKBRIDGE_CONFIG": str(config),
        "DATABASE_URL": setting.database_url,
        "REDIS_URL": setting.redis_url,
        "SECRET_KEY": "scenario-secret-key-of-at-least-32-characters",
        "API_KEY": API_KEY,
        "SLACK_BOT_TOKEN": TOKEN,
        "SLACK_SIGNING_SECRET": "" if setting.sockets else SIGNING_SECRET,
        "SLACK_APP_TOKEN": APP_TOKEN if setting.sockets else "",
        "SLACK_CHANNEL": seed.ORDERS,
        "SLACK_API_URL": f"{slack_base}/api/",
        "WEBCHAT_IDENTITY_SECRET": IDENTITY_SECRET,
        "WEBCHAT_IDENTITY": "preferred",
        "LOG_FORMAT": "json",
    }
    return {name: value for name, value in named.items() if value}
