"""To the app over HTTP: signed POSTs to its request URL."""

import ssl
from urllib.parse import urlencode

import aiohttp

from sandbox.slack.config import SandboxConfig
from sandbox.slack.courier import Courier
from sandbox.slack.outgoing import Outgoing, Reply
from sandbox.slack.signing import Signer

JSON_TYPE = "application/json"
REDIRECT_CLASS = 3
FORM_TYPE = "application/x-www-form-urlencoded"


class HttpWay:
    """Posts to `url`; without one there is no way to the app."""

    def __init__(self, config: SandboxConfig) -> None:
        self.url = config.request_url
        self._timeout = config.ack_timeout
        self._clock = config.clock
        self._courier = Courier(config.ack_timeout)
        self._signer = Signer(config.signing_secret)
        self._session: aiohttp.ClientSession | None = None

    async def event(self, item: Outgoing) -> Reply:
        """Send an event once."""
        return await self._send(item.body, JSON_TYPE, _retry_headers(item))

    async def request(self, fields: dict[str, str]) -> Reply:
        """Send the form of a command or interaction."""
        if not self.url:
            return Reply(0, failure="connection_failed")
        return await self._send(urlencode(fields).encode(), FORM_TYPE, {})

    async def _send(self, body: bytes, content_type: str, extra: dict[str, str]) -> Reply:
        headers = self._signer.headers(body, int(self._clock.time()), content_type)
        try:
            return await self._post(body, headers | extra)
        except TimeoutError:
            return Reply(0, failure="http_timeout")
        except aiohttp.TooManyRedirects:
            return Reply(0, failure="too_many_redirects")
        except (aiohttp.ClientSSLError, ssl.SSLError):
            return Reply(0, failure="ssl_error")
        except (aiohttp.ClientConnectionError, OSError):
            return Reply(0, failure="connection_failed")
        except (aiohttp.ClientError, ValueError):
            return Reply(0, failure="unknown_error")

    async def _post(self, body: bytes, headers: dict[str, str]) -> Reply:
        if self._courier.serves(self.url):
            answer = await self._courier.post(body, headers)
            if answer.status // 100 != REDIRECT_CLASS:
                kind = answer.headers.get("content-type", "").partition(";")[0]
                no_retry = answer.headers.get("x-slack-no-retry") == "1"
                return Reply(answer.status, answer.body, kind, no_retry)
        return await self._post_anywhere(body, headers)

    async def _post_anywhere(self, body: bytes, headers: dict[str, str]) -> Reply:
        """Over TLS, or along redirects."""
        session = self._open_session()
        async with session.post(self.url, data=body, headers=headers, max_redirects=2) as response:
            content = await response.read()
            no_retry = response.headers.get("x-slack-no-retry") == "1"
            return Reply(response.status, content, response.content_type, no_retry)

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            connector = aiohttp.TCPConnector(limit=0, limit_per_host=0, keepalive_timeout=60)
            timeout = aiohttp.ClientTimeout(total=self._timeout)
            self._session = aiohttp.ClientSession(
                connector=connector, timeout=timeout, auto_decompress=True
            )
        return self._session

    async def close(self) -> None:
        """Free the connections."""
        self._courier.close()
        if self._session is not None:
            await self._session.close()


def _retry_headers(item: Outgoing) -> dict[str, str]:
    if item.attempt == 0:
        return {}
    return {"X-Slack-Retry-Num": str(item.attempt), "X-Slack-Retry-Reason": item.reason}
