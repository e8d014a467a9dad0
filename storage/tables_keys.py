"""The table of API keys: what is kept of each is its digest, never the key."""

from __future__ import annotations

from sqlalchemy import BigInteger, Index, Text, text
from sqlmodel import Field

from storage.tables import Base

_GOOD = text("revoked_at = 0")


class ApiKeyRow(Base, table=True):
    """`name` is one key's among those that are good; `scopes` is a JSON list."""

    __tablename__ = "api_key"
    __table_args__ = (
        Index(
            "uq_api_key_good_name",
            "workspace_id",
            "name",
            unique=True,
            sqlite_where=_GOOD,
            postgresql_where=_GOOD,
        ),
    )

    id: str = Field(primary_key=True, sa_type=Text)
    workspace_id: str = Field(sa_type=Text)
    name: str = Field(sa_type=Text)
    digest: str = Field(sa_type=Text, unique=True)
    hint: str = Field(sa_type=Text)
    scopes: str = Field(sa_type=Text)
    created_at: int = Field(sa_type=BigInteger)
    revoked_at: int = Field(default=0, sa_type=BigInteger)
