"""What customers read in French never breaks a line before its signs."""

import json
import re

from adapters.email.texts import _TEXTS
from adapters.webchat.files import WIDGET
from adapters.webchat.prechat import LABELS
from adapters.webchat.spoken import WORDS
from bridge.texts import DEFAULTS
from sandbox.bot_words import ORDERS, TEXTS

LOOSE = re.compile(r" [;:!?»]|« ")


def test_no_sign_stands_behind_a_space_that_breaks() -> None:
    said = [texts["fr"] for texts in (*DEFAULTS.values(), *LABELS.values(), *_TEXTS.values())]
    said += [row[1] for row in WORDS.values()]
    said += [text.fr for text in (*ORDERS.values(), *TEXTS.values())]
    said += re.findall(r"\w+: \['.*?', '(.*?)'", (WIDGET / "texts.js").read_text())
    assert len(said) > 80
    assert [json.dumps(text) for text in said if LOOSE.search(text)] == []
