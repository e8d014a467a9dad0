"""The table of what alerts were told and are still to tell."""

from __future__ import annotations

from sqlalchemy import BigInteger, Text
from sqlmodel import Field

from storage.tables import Base


class AlertRow(Base, table=True):
    """One for each workspace. `owner` looks, `until` then; events were read up to `position`;
    `version` rises with each look that changed something. `boxes`: JSON, `alerts.Box` by name."""

    __tablename__ = "alert"

    workspace_id: str = Field(primary_key=True, sa_type=Text)
    owner: str = Field(default="", sa_type=Text)
    until: int = Field(default=0, sa_type=BigInteger)
    position: int = Field(default=0, sa_type=BigInteger)
    version: int = Field(default=0, sa_type=BigInteger)
    boxes: str = Field(default="{}", sa_type=Text)
