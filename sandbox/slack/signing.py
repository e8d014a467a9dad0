"""Request signing, version v0: hex(HMAC-SHA256(secret, "v0:" + timestamp + ":" + body))."""

import hashlib
import hmac

USER_AGENT = "Slackbot 1.0 (+https://api.slack.com/robots)"


class Signer:
    """Signs the bodies sent to the app."""

    def __init__(self, secret: str) -> None:
        self._start = hmac.new(secret.encode(), b"v0:", hashlib.sha256)

    def headers(self, body: bytes, timestamp: int, content_type: str) -> dict[str, str]:
        """The headers Slack sends with a body."""
        mac = self._start.copy()
        mac.update(b"%d:" % timestamp)
        mac.update(body)
        return {
            "Content-Type": content_type,
            "User-Agent": USER_AGENT,
            "Accept": "*/*",
            "X-Slack-Request-Timestamp": str(timestamp),
            "X-Slack-Signature": f"v0={mac.hexdigest()}",
        }
