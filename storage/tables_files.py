"""The tables of files: what is known of each, and, where no folder is shared, their bytes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Index, LargeBinary, Text
from sqlmodel import Field

from storage.tables import Base


class FileRow(Base, table=True):
    """A file that came whole. Which message shows it is said by the message alone."""

    __tablename__ = "file"
    __table_args__ = (Index("ix_file_conversation_id", "conversation_id"),)

    id: str = Field(primary_key=True, sa_type=Text)
    workspace_id: str = Field(default="", sa_type=Text)
    conversation_id: str = Field(default="", sa_type=Text)
    name: str = Field(default="", sa_type=Text)
    mime: str = Field(default="", sa_type=Text)
    size: int = Field(default=0, sa_type=BigInteger)
    created_at: int = Field(default=0, sa_type=BigInteger)


class FileChunkRow(Base, table=True):
    """A piece of a file, counted from zero; there may be some of a file that never came whole."""

    __tablename__ = "file_chunk"

    file_id: str = Field(primary_key=True, sa_type=Text)
    n: int = Field(primary_key=True)
    at: int = Field(default=0, sa_type=BigInteger)
    data: Any = Field(default=b"", sa_type=LargeBinary, nullable=False)
