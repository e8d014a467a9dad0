"""What a file is, whatever it is called, and what it may be called."""

from __future__ import annotations

import doctest
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bridge import filetypes
from bridge.filetypes import HEAD, HTML, MAX_NAME, SVG, TEXT, UNKNOWN, Danger, clean_name, judge

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
KINDS = [
    (b"\x89PNG\r\n\x1a\n\x00", "x.exe.png", "image/png"),
    (b"\xff\xd8\xff\xe0", "photo", "image/jpeg"),
    (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "a.webp", "image/webp"),
    (b"\x00\x00\x00\x1cftypheic", "IMG_1.HEIC", "image/heic"),
    (b"\x00\x00\x00\x18ftypmp42", "a.mov", "video/mp4"),
    (b"%PDF-1.7\n", "invoice.txt", "application/pdf"),
    (b"PK\x03\x04..word/document.xml", "letter.docx", WORD),
    (b"PK\x03\x04...", "photos.zip", "application/zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old.doc", "application/msword"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old", "application/x-ole-storage"),
    (b"hello", "notes.txt", TEXT),
    ("größe\n".encode(), "a", TEXT),
    ("ö".encode() * HEAD, "cut.txt", TEXT),
    (b"a,b\n1,2", "table.csv", "text/csv"),
    (b"<html><script>", "photo.png", HTML),
    (b"\xef\xbb\xbf  <!DOCTYPE html>", "a.txt", HTML),
    (b"nothing of it", "page.HTM", HTML),
    (b'<?xml version="1.0"?><svg xmlns="x">', "a.png", SVG),
    (b"<?xml version='1.0'?>", "a.svg", SVG),
    (b"\x00\x01\x02", "a.txt", UNKNOWN),
    (b"\xff\x00", "photo.jpg", UNKNOWN),
    (b"\xf0\x28\x8c\x28 latin", "a.txt", UNKNOWN),
]
PROGRAMS = [
    (b"MZ\x90\x00", "photo.png"),
    (b"\x7fELF\x02", "x"),
    (b"\xcf\xfa\xed\xfe", "x"),
    (b"#!/bin/sh\n", "x.txt"),
    (b"PK\x03\x04...META-INF/MANIFEST.MF", "x.zip"),
    (b"PK\x03\x04...AndroidManifest.xml", "x.zip"),
    (b"plain words", "run.BAT"),
    (b"%PDF-1.7", "invoice.pdf.exe"),
    (b"%PDF-1.7", "invoice.js. . "),
    (b"del *.*", "order.bat\u200b"),
    (b"del *.*", "order.bat_"),
    (b"del *.*", "order.bat|:"),
    (b"del *.*", f"{'x' * 96}.bat.thisisnoend"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "setup.msi"),
    (b"PK\x03\x04", "macro.docm"),
]


def test_the_examples_are_true() -> None:
    assert doctest.testmod(filetypes).failed == 0


@pytest.mark.parametrize(("head", "name", "kind"), KINDS)
def test_the_content_says_what_it_is(head: bytes, name: str, kind: str) -> None:
    assert judge(head[:HEAD], name) == kind


@pytest.mark.parametrize(("head", "name"), PROGRAMS)
def test_what_could_run_is_refused_by_content_and_by_name(head: bytes, name: str) -> None:
    with pytest.raises(Danger):
        judge(head, name)


@given(st.binary(max_size=60), st.text(max_size=20))
def test_nothing_is_shown_as_a_picture_that_has_not_the_bytes_of_one(
    head: bytes, name: str
) -> None:
    try:
        kind = judge(head, name)
    except Danger:
        return
    if kind in filetypes.PICTURES:
        begins = (b"\x89PNG", b"GIF8", b"\xff\xd8\xff")
        assert head.startswith(begins) or head[8:12] == b"WEBP" or head[4:10] == b"ftypav"


TRICKS = st.sampled_from(
    ["\u200b", "\u202e", "_", ".", " ", "|", "\x00", "a", "bat", "js", "x" * 96]
)


@given(st.lists(TRICKS, max_size=8).map("".join))
def test_no_name_becomes_one_that_could_run(name: str) -> None:
    try:
        kind = judge(b"plain words", name)
    except Danger:
        return
    judge(b"plain words", clean_name(name, kind))


@given(st.text(max_size=300), st.sampled_from(["image/png", HTML, UNKNOWN, TEXT]))
@example("x" * 200 + ".pdf", UNKNOWN)
@example("\u202egnp.exe", "image/png")
@example("/", UNKNOWN)
def test_a_name_is_one_line_without_places_and_tricks(name: str, kind: str) -> None:
    clean = clean_name(name, kind)
    assert 0 < len(clean) <= MAX_NAME
    assert not set(clean) & set('\\/:*?"<>|\n\r\t\0')
    assert not clean.startswith((".", " "))
    assert not any(unicodedata.category(letter) in ("Cc", "Cf") for letter in clean)
    assert clean_name(clean, kind) == clean
    if kind == "image/png":
        assert clean.lower().endswith(".png")
