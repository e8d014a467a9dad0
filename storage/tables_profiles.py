"""The table of how agents wish to be known by customers."""

from __future__ import annotations

from sqlalchemy import Text
from sqlmodel import Field

from storage.tables import Base


class ProfileRow(Base, table=True):
    """`id` is the agent's in the desk's network; `languages` with blanks between."""

    __tablename__ = "profile"

    workspace_id: str = Field(primary_key=True, sa_type=Text)
    id: str = Field(primary_key=True, sa_type=Text)
    name: str = Field(sa_type=Text)
    avatar_url: str = Field(sa_type=Text)
    languages: str = Field(sa_type=Text)
