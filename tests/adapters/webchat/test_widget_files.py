"""Attaching in the widget, in a real browser: chosen, pasted, dropped; refused before it is
sent."""

from __future__ import annotations

import base64
from pathlib import Path

from playwright.async_api import Browser, FilePayload, expect
from starlette.requests import Request
from starlette.responses import Response

from tests.adapters.webchat.stub import SETTINGS, Desk, fault
from tests.adapters.webchat.visitor import Visitor, visiting

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAFklEQVR4nGP8z8DAwMDAxMDAwMDAAAANHQEDasKb6QAAAABJRU5ErkJggg=="
)
"""Two by two pixels."""
PHOTO: FilePayload = {"name": "photo.png", "mimeType": "image/png", "buffer": PNG}
NOTES: FilePayload = {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"hello"}
GIVE = """
([kind, name, text]) => {
  const data = new DataTransfer();
  data.items.add(new File([text], name, { type: 'text/plain' }));
  const root = document.querySelector('deskbridge-chat').shadowRoot;
  const made = kind === 'paste'
    ? new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true })
    : new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true });
  root.querySelector(kind === 'paste' ? 'textarea' : '.panel').dispatchEvent(made);
}
"""


async def choose(visitor: Visitor, *files: FilePayload) -> None:
    async with visitor.page.expect_file_chooser() as asked:
        await visitor.page.get_by_role("button", name="Attach a file").click()
    await (await asked.value).set_files(list(files))


async def test_a_photo_is_sent_with_words_and_shown_and_a_file_can_be_saved(
    browser: Browser, tmp_path: Path
) -> None:
    async with visiting(browser) as visitor:
        await visitor.open()
        await expect(visitor.page.get_by_role("button", name="Attach a file")).to_be_visible()
        await choose(visitor, PHOTO, NOTES)
        await expect(visitor.page.locator(".tray button:not(.busy)")).to_have_count(2)
        await visitor.say("see these")
        await visitor.desk.until(lambda: visitor.desk.texts == ["see these"])
        (body,) = [each for each in visitor.desk.called("messages") if each]
        assert body["attachments"] == ["fil_0", "fil_1"]
        await expect(visitor.page.locator(".bubble img")).to_have_js_property("naturalWidth", 2)
        await expect(visitor.page.locator(".tray button")).to_have_count(0)

        # What comes from the team is read with the session's token, and never by an address alone.
        told = {"id": "fil_9", "name": "label.pdf", "mime": "application/pdf", "size": 5_300_000}
        visitor.desk.files["fil_9"] = (told, b"%PDF-1.7")
        visitor.desk.say("Your label", attachments=[told])
        button = visitor.page.get_by_role("button", name="label.pdf · 5.3 MB")
        async with visitor.page.expect_download() as saved:
            await button.click()
        download = await saved.value
        assert download.suggested_filename == "label.pdf"
        await download.save_as(tmp_path / "saved")
        assert (tmp_path / "saved").read_bytes() == b"%PDF-1.7"
        again = await visitor.tab()
        await expect(again.page.locator(".bubble img")).to_have_js_property("naturalWidth", 2)


async def test_what_is_pasted_or_dropped_is_attached_and_can_be_taken_off(
    browser: Browser,
) -> None:
    async with visiting(browser) as visitor:
        await visitor.open()
        for kind in ("paste", "drop"):
            await visitor.page.evaluate(GIVE, [kind, f"{kind}.txt", "x"])
        chips = visitor.page.locator(".tray button:not(.busy)")
        await expect(chips).to_have_text(["× paste.txt", "× drop.txt"])
        await chips.first.click()
        await expect(chips).to_have_text(["× drop.txt"])
        await visitor.page.get_by_role("button", name="Send").click()
        await visitor.desk.until(lambda: visitor.desk.texts == [""])


async def test_what_is_too_large_too_much_or_a_program_is_refused_before_it_is_sent(
    browser: Browser,
) -> None:
    desk = Desk(settings={**SETTINGS, "files": {"size": 1 << 20, "count": 1}})
    async with visiting(browser, desk) as visitor:
        await visitor.open()
        fault_line = visitor.page.get_by_role("alert")
        big: FilePayload = {"name": "film.mp4", "mimeType": "", "buffer": b"x" * ((1 << 20) + 1)}
        await choose(visitor, big)
        await expect(fault_line).to_have_text("film.mp4 is over 1 MB")
        await choose(visitor, {**NOTES, "name": "setup.exe"})
        await expect(fault_line).to_have_text("Files like setup.exe are not accepted")
        await choose(visitor, NOTES)
        await choose(visitor, PHOTO)
        await expect(fault_line).to_have_text("Too many files: 1 at most")
        assert len(desk.called("files")) == 1


async def test_what_the_server_refuses_is_told_with_its_reason(browser: Browser) -> None:
    def refuse(request: Request) -> Response | None:
        here = request.url.path == "/webchat/files"
        return fault(415, "file_type", "Files of this kind are not taken.") if here else None

    async with visiting(browser, Desk(refuse=refuse)) as visitor:
        await visitor.open()
        await choose(visitor, NOTES)
        told = "notes.txt: Files of this kind are not taken."
        await expect(visitor.page.get_by_role("alert")).to_have_text(told)
        await expect(visitor.page.locator(".tray button")).to_have_count(0)


async def test_where_files_are_not_taken_nothing_offers_it(browser: Browser) -> None:
    async with visiting(browser, Desk(settings={**SETTINGS, "files": False})) as visitor:
        await visitor.open()
        await expect(visitor.page.get_by_role("button", name="Attach a file")).to_be_hidden()
        await visitor.page.evaluate(GIVE, ["drop", "a.txt", "x"])
        await expect(visitor.page.locator(".tray button")).to_have_count(0)
