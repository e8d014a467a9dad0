"""What a visitor writes with, in a word or two: `Chrome on Android`. Pure.

Agents ask for it first when something does not work, so the common ones are known by name, and
what is not known is left out. Nothing else of the header is kept: it would tell visitors apart.
An iPad that asks for desktop pages says that it is a Mac, and is taken at its word.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

LONGEST = 1_000
"""Characters of the header that are looked at."""
Names = Sequence[tuple[str, re.Pattern[str]]]


def _named(**patterns: str) -> Names:
    return [(name.replace("_", " "), re.compile(each)) for name, each in patterns.items()]


BROWSERS = _named(
    Facebook=r"\bFBA[NV]/",
    Instagram=r"\bInstagram ",
    Edge=r"\bEdg(e|A|iOS)?/",
    Opera=r"\b(OPR|OPT|Opera)/",
    Samsung_Internet=r"\bSamsungBrowser/",
    Vivaldi=r"\bVivaldi/",
    Firefox=r"\b(Firefox|FxiOS)/",
    Chrome=r"\b(Chrome|CriOS|Chromium)/",
    Safari=r"\bVersion/.*\bSafari/",
)
"""Each calls itself by the names of those after it, too."""
SYSTEMS = _named(
    iPad=r"\biPad\b",
    iPhone=r"\b(iPhone|iPod)\b",
    Android=r"\bAndroid\b",
    ChromeOS=r"\bCrOS\b",
    Windows=r"\bWindows\b",
    macOS=r"\b(Macintosh|Mac OS X)\b",
    Linux=r"\bLinux\b",
)


def device(user_agent: str) -> str:
    """Empty: nothing that we know.

    >>> device("Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0")
    'Firefox on Linux'
    """
    said = user_agent[:LONGEST]
    return " on ".join(filter(None, (_first(BROWSERS, said), _first(SYSTEMS, said))))


def _first(names: Names, said: str) -> str:
    return next((name for name, pattern in names if pattern.search(said)), "")
