"""What visitors attach: an upload first, which belongs to their conversation, and then a message
that names it. Until a message does, nobody sees the file; one that none names is swept.

A file is read by who has the conversation's session, if a message shows it; anything else is 404.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from http import HTTPStatus

from starlette.datastructures import UploadFile
from starlette.requests import Request

from bridge.errors import BadRequest, Refused
from bridge.filing import MAX_FILE, MAX_FILES, MIB, Filed, Files
from bridge.model import SECOND, Attachment, ConversationId, Micros

PIECE = 64 * 1024
USABLE_FOR: Micros = 3_000 * SECOND
"""So long after its upload a message may name a file for the first time: it is swept after an
hour, and never while a message that names it is on its way."""
TOO_LARGE = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
REFUSED: Mapping[str, tuple[str, HTTPStatus]] = {
    "file_too_large": (
        f"A file has at most {MAX_FILE // MIB} MiB.",
        TOO_LARGE,
    ),
    "file_type": ("Files of this kind are not taken.", HTTPStatus.UNSUPPORTED_MEDIA_TYPE),
    "file_empty": ("The file is empty.", HTTPStatus.UNPROCESSABLE_ENTITY),
    "no_room": ("No more files can be kept just now.", HTTPStatus.SERVICE_UNAVAILABLE),
}


async def take(request: Request, conversation: ConversationId, files: Files) -> Attachment:
    """The one file of a form, `file`. Raises BadRequest.

    The form's reader puts what is longer than a MiB on the disk, so that nothing is ever whole in
    memory.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "multipart/form-data":
        raise BadRequest("unsupported_media_type", "Send multipart/form-data.", status=415)
    async with request.form(max_files=1, max_fields=10) as form:
        upload = form.get("file")
        if not isinstance(upload, UploadFile):
            fault = {"file": "must be a file"}
            raise BadRequest("invalid", "file must be a file.", fault)
        try:
            return await files.keep(conversation, upload.filename or "", _chunks(upload))
        except Refused as error:
            message, status = REFUSED[error.reason]
            code = "too_large" if status == TOO_LARGE else error.reason
            raise BadRequest(code, message, {"file": message}, status) from None


async def _chunks(upload: UploadFile) -> AsyncIterator[bytes]:
    while chunk := await upload.read(PIECE):
        yield chunk


async def named(
    ids: Sequence[str], conversation: ConversationId, files: Files, now: Micros
) -> tuple[Attachment, ...]:
    """The files that a message names. Raises BadRequest for one that is not there, not this
    conversation's, or too old to be named for the first time."""
    found = [await readable(each, conversation, files) for each in ids]
    there = [file for file in found if file and await _usable(file, files, now)]
    if len(there) < len(ids):
        fault = {"attachments": "must be ids of files that were uploaded here within the hour"}
        raise BadRequest("invalid", "A file is not there (any more).", fault)
    return tuple(file.as_attachment() for file in there)


async def readable(id: str, conversation: ConversationId, files: Files) -> Filed | None:
    """The file, if it is this conversation's."""
    file = await files.find(id)
    return file if file and file.conversation_id == conversation else None


async def _usable(file: Filed, files: Files, now: Micros) -> bool:
    return now - file.created_at < USABLE_FOR or await files.is_shown(file)


def read_ids(value: object) -> tuple[str, ...]:
    """The `attachments` of a message. Raises BadRequest."""
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise _wrong("must be a list of ids")
    if len(value) > MAX_FILES:
        raise _wrong(f"must have at most {MAX_FILES} files")
    if len(set(value)) < len(value):
        raise _wrong("must name each file once")
    return tuple(value)


def _wrong(fault: str) -> BadRequest:
    return BadRequest("invalid", f"attachments {fault}.", {"attachments": fault})
