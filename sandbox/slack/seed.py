"""The workspace that everybody starts with: three agents, a guest, an outsider, three channels."""

from dataclasses import dataclass

from sandbox.slack.config import Json, SandboxConfig
from sandbox.slack.model import AppIdentity, Channel, Team, User, UserGroup

TEAM = "T06NRTHW1ND"
OTHER_TEAM = "T09FARAWAY2"
ANA = "U06ANAT0RR5"
BEN = "U06BENOK4F0"
CHLOE = "U06CHL0EM4R"
GIL = "U06G1LGUE5T"
OSCAR = "U09OSC4R0UT"
BOT_USER = "U06DESKBR1D"
BOT = "B06DESKBR1D"
APP = "A06DESKBR1D"
ORDERS = "C06DESK0RD5"
BILLING = "C06DESKB1LL"
GENERAL = "C06GENERAL1"
ORDERS_GROUP = "S06ORDERS01"
BILLING_GROUP = "S06BILLING1"
SLACKBOT = "USLACKBOT"


@dataclass(slots=True)
class Seed:
    """The records a workspace begins with."""

    team: Team
    app: AppIdentity
    users: list[User]
    channels: list[Channel]
    groups: list[UserGroup]


def _person(id: str, name: str, real_name: str, color: str, title: str = "") -> User:
    display = real_name.split(maxsplit=1)[0]
    email = f"{name}@northwind.example"
    return User(id, name, real_name, display, color, TEAM, title=title, email=email)


def _people(app_name: str) -> list[User]:
    ana = _person(ANA, "ana", "Ana Torres", "b4470f", "Support lead")
    ana.is_admin = True
    gil = _person(GIL, "gil", "Gil Guest", "5b6675", "Contractor")
    gil.is_restricted = True
    oscar = User(
        OSCAR, "oscar", "Oscar Lind", "Oscar", "7a4e9c", OTHER_TEAM, "Europe/Stockholm",
        title="Courier partner", email="oscar@parcels.example", is_stranger=True,
    )  # fmt: skip
    bot = User(
        BOT_USER, app_name.lower(), app_name, app_name, "1f6f78", TEAM, "Etc/UTC", 0, is_bot=True
    )
    slackbot = User(SLACKBOT, "slackbot", "Slackbot", "Slackbot", "757575", TEAM)
    return [
        ana,
        _person(BEN, "ben", "Ben Okafor", "1f5fa8", "Support"),
        _person(CHLOE, "chloe", "Chloé Martin", "8a2c62", "Billing"),
        gil, oscar, bot, slackbot,
    ]  # fmt: skip


def _channels(created: int) -> list[Channel]:
    team = [ANA, BEN, CHLOE]
    return [
        _channel(ORDERS, "desk-orders", created, [*team, BOT_USER], "Customers with an order"),
        _channel(BILLING, "desk-billing", created, [*team, BOT_USER], "Invoices and refunds"),
        _channel(GENERAL, "general", created, [*team, GIL], "Everything else"),
    ]


def _channel(id: str, name: str, created: int, members: list[str], topic: str) -> Channel:
    return Channel(id, name, created, ANA, dict.fromkeys(members), topic=topic)


def _groups() -> list[UserGroup]:
    return [
        UserGroup(ORDERS_GROUP, "orders-team", "Orders team", [ANA, BEN]),
        UserGroup(BILLING_GROUP, "billing-team", "Billing team", [CHLOE]),
    ]


def _app_name(manifest: Json | None) -> str:
    bot_user = (manifest or {}).get("features", {}).get("bot_user", {})
    return str(bot_user.get("display_name", "Deskbridge"))


def northwind(config: SandboxConfig) -> Seed:
    """The seed workspace, under the configured team name."""
    name = _app_name(config.manifest)
    domain = config.team_name.lower().replace(" ", "-")
    features = (config.manifest or {}).get("features", {})
    tabs = features.get("app_home", {})
    home = bool(tabs.get("home_tab_enabled", config.manifest is None))
    messages = bool(tabs.get("messages_tab_enabled", config.manifest is None))
    read_only = bool(tabs.get("messages_tab_read_only_enabled"))
    return Seed(
        Team(TEAM, config.team_name, domain),
        AppIdentity(APP, BOT, BOT_USER, name, home, messages, read_only),
        _people(name),
        _channels(int(config.clock.time()) - 90 * 86_400),
        _groups(),
    )
