"""What a stand-in for the Graph API is told at its construction."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class GraphConfig:
    """One page and one app; times in seconds. `retry_delay` between two deliveries of a webhook
    that was not answered 200; after `give_up_after` of that the app is unsubscribed, as Meta does.
    `human_agent`: the permission was granted. `raw_unicode`: webhooks are not escaped."""

    callback_url: str = ""
    app_secret: str = "sandbox-app-secret"
    page_token: str = "sandbox-page-token"
    verify_token: str = "sandbox-verify-token"
    page_id: str = "104729"
    page_name: str = "Northwind Outfitters"
    app_id: str = "77001122"
    public_base_url: str = ""
    version: str = "v26.0"
    window: float = DAY
    agent_window: float = 7 * DAY
    human_agent: bool = False
    raw_unicode: bool = False
    retry_delay: float = 1.0
    ack_timeout: float = 5.0
    give_up_after: float = 3_600.0
    subscribed: bool = True
    clock: Callable[[], float] = field(default=time.time)
