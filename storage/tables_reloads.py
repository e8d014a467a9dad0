"""The table of wishes that all processes read their settings again, and of what came of them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Text
from sqlmodel import Field

from storage.tables import Base


class ReloadRow(Base, table=True):
    """`process` is empty in the wish itself, which has no `text`; else who answers."""

    __tablename__ = "reload"

    wish: int = Field(primary_key=True, sa_type=BigInteger)
    process: str = Field(primary_key=True, sa_type=Text)
    text: str = Field(sa_type=Text)
