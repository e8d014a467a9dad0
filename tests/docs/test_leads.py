"""What the page for leads says to write into the settings is taken, alone and all together."""

import re
from pathlib import Path

import pytest

from bridge.settings import Settings

PAGE = (Path(__file__).parents[2] / "docs" / "leads.md").read_text("utf-8")
EXAMPLES = re.findall(r"^```toml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
ENVIRONMENT = {
    "SECRET_KEY": "s" * 32,
    "SLACK_BOT_TOKEN": "xoxb-1",
    "SLACK_APP_TOKEN": "xapp-1",
    "SLACK_CHANNEL": "C0123DESK",
}


@pytest.mark.parametrize("example", [*EXAMPLES, "\n".join(EXAMPLES)])
def test_every_example_is_taken(example: str, tmp_path: Path) -> None:
    file = tmp_path / "deskbridge.toml"
    file.write_text(example.replace("whsec_…", "whsec_" + "A" * 43 + "="), "utf-8")
    mail = {"SMTP_URL": "smtp://mail.shop.example"} if "[email]" in example else {}
    Settings.load({**ENVIRONMENT, **mail, "DESKBRIDGE_CONFIG": str(file)})
