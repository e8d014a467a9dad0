"""The table of agents' seats: who is online, who is away, and since when."""

from __future__ import annotations

from sqlalchemy import BigInteger, Text
from sqlmodel import Field

from storage.tables import Base


class SeatRow(Base, table=True):
    """`id` is the agent's in the desk's network."""

    __tablename__ = "seat"

    workspace_id: str = Field(primary_key=True, sa_type=Text)
    id: str = Field(primary_key=True, sa_type=Text)
    online: bool = False
    by_hand: bool = False
    since: int = Field(default=0, sa_type=BigInteger)
    active_at: int = Field(default=0, sa_type=BigInteger)
    asked_at: int = Field(default=0, sa_type=BigInteger)
    given_at: int = Field(default=0, sa_type=BigInteger)
