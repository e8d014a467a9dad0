"""What people see stays within its edges, whatever they are called: on a desk and on a phone, light
and dark. `make soak` looks at all of it; `make test` at one language and some of each kind."""

from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.docs.gallery import slack_pictures
from tests.docs.looks import CASES, LOOKS, Case
from tests.docs.widget_gallery import widget_pictures
from tests.thorough import THOROUGH

EVERY = 1 if THOROUGH else 20


@pytest.mark.timeout(1_200)
@pytest.mark.parametrize("case", CASES if THOROUGH else CASES[:1], ids=str)
async def test_nothing_that_is_seen_spills_over(
    browser: Browser, tmp_path: Path, case: Case
) -> None:
    spilling = await slack_pictures(browser, tmp_path, case, EVERY)
    spilling += await widget_pictures(browser, tmp_path, case, EVERY)
    assert spilling == []
    assert sum(1 for _ in tmp_path.glob("*.png")) >= 5 * len(LOOKS)  # noqa: ASYNC240
