"""What the page for leads says to write into the settings is taken, alone and all together."""

import re
from pathlib import Path

import pytest

from bridge.settings import Settings

PAGE = (Path(__file__).parents[2] / "docs" / "leads.md").read_text("utf-8")
EXAMPLES = re.findall(r"^```toml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
ENVIRONMENT = {"SECRET_KEY": "s" * 32}


@pytest.mark.parametrize("example", [*EXAMPLES, "\n".join(EXAMPLES)])
def test_every_example_is_taken(example: str, tmp_path: Path) -> None:
    file = tmp_path / "deskbridge.toml"
    file.write_text(example, "utf-8")
    Settings.load({**ENVIRONMENT, "DESKBRIDGE_CONFIG": str(file)})
