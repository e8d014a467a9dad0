"""What a visitor writes with, by the header that browsers send."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.webchat.devices import BROWSERS, SYSTEMS, device

M, KIT = "Mozilla/5.0", "AppleWebKit/537.36 (KHTML, like Gecko)"
WINDOWS, MAC = "(Windows NT 10.0; Win64; x64)", "(Macintosh; Intel Mac OS X 10_15_7)"
ANDROID, PHONE = "(Linux; Android 10; K)", "(iPhone; CPU iPhone OS 18_5 like Mac OS X)"
PAD = "(iPad; CPU OS 18_5 like Mac OS X)"


@pytest.mark.parametrize(
    ("user_agent", "told"),
    [
        (f"{M} {WINDOWS} {KIT} Chrome/139.0.0.0 Safari/537.36", "Chrome on Windows"),
        (f"{M} {WINDOWS} {KIT} Chrome/139.0.0.0 Safari/537.36 Edg/139.0.0.0", "Edge on Windows"),
        (f"{M} {MAC} {KIT} Chrome/139.0.0.0 Safari/537.36 OPR/124.0.0.0", "Opera on macOS"),
        (f"{M} {MAC} {KIT} Version/18.5 Safari/605.1.15", "Safari on macOS"),
        (f"{M} {ANDROID} {KIT} Chrome/139.0.0.0 Mobile Safari/537.36", "Chrome on Android"),
        (
            f"{M} {ANDROID} {KIT} SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36",
            "Samsung Internet on Android",
        ),
        (f"{M} (Android 15; Mobile; rv:142.0) Gecko/142.0 Firefox/142.0", "Firefox on Android"),
        (f"{M} {PHONE} {KIT} Version/18.5 Mobile/15E148 Safari/604.1", "Safari on iPhone"),
        (f"{M} {PHONE} {KIT} CriOS/139.0.1 Mobile/15E148 Safari/604.1", "Chrome on iPhone"),
        (f"{M} {PAD} {KIT} FxiOS/142.0 Mobile/15E148 Safari/605.1.15", "Firefox on iPad"),
        (f"{M} {PHONE} {KIT} Mobile/15E148 [FBAN/FBIOS;FBAV/500.0]", "Facebook on iPhone"),
        (
            f"{M} (X11; CrOS x86_64 14541.0.0) {KIT} Chrome/139.0 Safari/537.36",
            "Chrome on ChromeOS",
        ),
        (f"{M} (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0", "Firefox on Linux"),
        (f"{M} {ANDROID} Something/1.0", "Android"),
        ("python-httpx/0.28.1", ""),
        ("", ""),
    ],
)
def test_common_ones_are_told_by_name(user_agent: str, told: str) -> None:
    assert device(user_agent) == told


@given(st.text(max_size=2_000))
def test_whatever_is_sent_it_is_told_in_words_of_ours(user_agent: str) -> None:
    ours = {"", *(name for name, _ in (*BROWSERS, *SYSTEMS))}
    assert set(device(user_agent).split(" on ")) <= ours
