"""The table of heads: how far the chain of sealed events went, and when."""

from __future__ import annotations

from sqlalchemy import BigInteger, Text
from sqlmodel import Field

from storage.tables import Base


class AuditHeadRow(Base, table=True):
    """`name` is `newest`, `begin` or a day; `told`: the day's head was announced outside."""

    __tablename__ = "audit_head"

    name: str = Field(primary_key=True, sa_type=Text)
    position: int = Field(sa_type=BigInteger)
    at: int = Field(sa_type=BigInteger)
    seal: str = Field(sa_type=Text)
    proof: str = Field(sa_type=Text)
    told: bool = False
