"""What a file is, judged by what is in it, and what it may be called. Pure.

A name and what the sender calls the type are anybody's claim: they decide nothing but between kinds
that are packed alike. The table below holds what people send to a desk, and no library is asked:
those there are guess on among hundreds of formats, and are kept up by nobody or by one person.

What could run where it is opened is refused (`Danger`), by its content and by its name. A kind that
a browser may be shown as an image is in `PICTURES`; SVG and HTML, which may hold scripts, are not.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

HEAD = 4_096
"""So many bytes from the beginning are enough to judge by."""
UNKNOWN = "application/octet-stream"
TEXT, HTML, SVG = "text/plain", "text/html", "image/svg+xml"
ZIP = "application/zip"
PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"})
"""What may be shown as an image."""
LONGEST_CHARACTER = 4
"""Bytes, in UTF-8."""
MAX_NAME = 100

_OFFICE = "application/vnd.openxmlformats-officedocument."
_SIGNATURES: Sequence[tuple[int, bytes, str]] = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (4, b"ftypavif", "image/avif"),
    (4, b"ftypavis", "image/avif"),
    (4, b"ftyphei", "image/heic"),
    (4, b"ftypmif1", "image/heic"),
    (0, b"BM", "image/bmp"),
    (0, b"II*\x00", "image/tiff"),
    (0, b"MM\x00*", "image/tiff"),
    (0, b"%PDF-", "application/pdf"),
    (4, b"ftypM4A", "audio/mp4"),
    (4, b"ftypqt", "video/quicktime"),
    (4, b"ftyp", "video/mp4"),
    (0, b"\x1aE\xdf\xa3", "video/webm"),
    (8, b"WAVE", "audio/wav"),
    (8, b"AVI ", "video/x-msvideo"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\xff\xfb", "audio/mpeg"),
    (0, b"\xff\xf3", "audio/mpeg"),
    (0, b"\xff\xf2", "audio/mpeg"),
    (0, b"\xff\xf1", "audio/aac"),
    (0, b"OggS", "audio/ogg"),
    (0, b"fLaC", "audio/flac"),
    (0, b"#!AMR", "audio/amr"),
    (0, b"PK\x03\x04", ZIP),
    (0, b"PK\x05\x06", ZIP),
    (0, b"\x1f\x8b", "application/gzip"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (0, b"Rar!\x1a\x07", "application/vnd.rar"),
    (0, b"{\\rtf", "application/rtf"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
)
"""(where, what is there, type); the first that fits."""
_PROGRAMS = (
    b"MZ",
    b"\x7fELF",
    b"\xfe\xed\xfa\xce",
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",
    b"dex\n",
    b"\x4c\x00\x00\x00\x01\x14\x02\x00",
)
"""How Windows', Linux' and macOS' programs, Java's and Android's classes and Windows' links
begin."""
_RUNNING = frozenset(
    re.findall(
        r"\w+",
        "ade adp apk app appx bat cab chm cmd com command cpl dll dmg elf exe gadget hta img "
        "ins iso isp jar js jse lib lnk mde msc msi msix msp mst nsh pif ps1 psm1 reg scr sct sh "
        "shb sys url vb vbe vbs vhd vxd wsc wsf wsh xll xlam xlsm xltm docm dotm pptm potm ppam "
        "ppsm ",
    )
)
"""Ends of names that a double click would run, or open with macros."""
_PACKED = {
    "docx": f"{_OFFICE}wordprocessingml.document",
    "xlsx": f"{_OFFICE}spreadsheetml.sheet",
    "pptx": f"{_OFFICE}presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odp": "application/vnd.oasis.opendocument.presentation",
    "epub": "application/epub+zip",
}
"""Kinds that are zip archives inside."""
_OLD_OFFICE = {
    "doc": "application/msword",
    "xls": "application/vnd.ms-excel",
    "ppt": "application/vnd.ms-powerpoint",
    "msg": "application/vnd.ms-outlook",
}
_TEXTS = {"csv": "text/csv", "json": "application/json", "md": "text/markdown"}
_ENDS = {
    "image/png": ("png",),
    "image/jpeg": ("jpg", "jpeg", "jpe", "jfif"),
    "image/gif": ("gif",),
    "image/webp": ("webp",),
    "image/avif": ("avif",),
    "application/pdf": ("pdf",),
    HTML: ("html", "htm"),
    SVG: ("svg",),
}
"""How names of these kinds end; the first is put behind a name that ends otherwise."""
_MARKUP = re.compile(
    rb"<(?:!doctype\s+html|html|head|body|script|iframe|title|meta|style|a |img|table|div|p>|h1)",
    re.IGNORECASE,
)
_SVG = re.compile(rb"<svg[\s>]", re.IGNORECASE)
_END = re.compile(r"\.(\w{1,9})$")
_BLANKS = re.compile(r"\s+")
_SEPARATORS = re.compile(r'[\\/:*?"<>|]+')
_INVISIBLE = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


class Danger(ValueError):
    """It could run where it is opened."""


def judge(head: bytes, name: str) -> str:
    """The type of the file that begins with `head`. What counts of its name is what will be left of
    it (`clean_name`). Raises Danger.

    >>> judge(b"%PDF-1.7", "holiday.png")
    'application/pdf'
    """
    end = _end_of(_plain(name))
    if end in _RUNNING or head.startswith(_PROGRAMS):
        raise Danger(name)
    found = next((kind for at, sign, kind in _SIGNATURES if head[at:].startswith(sign)), None)
    if found is None:
        return _text(head, end)
    if found == ZIP:
        return _packed(head, end)
    return _OLD_OFFICE.get(end, found) if found.endswith("ole-storage") else found


def _packed(head: bytes, end: str) -> str:
    if b"META-INF/MANIFEST.MF" in head or b"AndroidManifest.xml" in head:
        raise Danger("a program, packed")
    return _PACKED.get(end, ZIP)


def _text(head: bytes, end: str) -> str:
    if head.startswith(b"#!"):
        raise Danger("a script")
    if not _reads_as_text(head):
        return UNKNOWN
    if _SVG.search(head):
        return SVG
    if _MARKUP.search(head) or end in _ENDS[HTML]:
        return HTML
    return SVG if end == "svg" else _TEXTS.get(end, TEXT)


def _reads_as_text(head: bytes) -> bool:
    """UTF-8 without NUL; the last character may be cut in two."""
    if b"\x00" in head:
        return False
    try:
        head.decode()
    except UnicodeDecodeError as error:
        cut = len(head) - error.start < LONGEST_CHARACTER
        return cut and error.reason == "unexpected end of data"
    return True


def clean_name(name: str, mime: str) -> str:
    """What the file is called from here on: one line, no place of a file system, no character that
    turns the order of others round, an end that fits a picture, a PDF or markup.

    >>> clean_name("../../etc/pass\\u202egnp.exe.png", "image/jpeg")
    'etc_passgnp.exe.png.jpg'
    """
    text, ends = _plain(name), _ENDS.get(mime)
    if ends and _end_of(text) not in ends:
        text = _cut(f"{text or 'file'}.{ends[0]}")
    return text or "file"


def _plain(name: str) -> str:
    text = unicodedata.normalize("NFC", name)
    text = "".join(c for c in text if c.isspace() or unicodedata.category(c) not in _INVISIBLE)
    return _cut(_SEPARATORS.sub("_", _BLANKS.sub(" ", text)).strip(" ._"))


def _cut(text: str) -> str:
    """The end stays."""
    if len(text) <= MAX_NAME:
        return text
    end = _end_of(text)
    return f"{text[: MAX_NAME - len(end) - 1]}.{end}" if end else text[:MAX_NAME].rstrip(" ._")


def _end_of(name: str) -> str:
    """`png` of `Photo.PNG`; empty where there is none that could be one."""
    found = _END.search(name.rstrip(" ."))
    return found[1].casefold() if found else ""
