"""What every table shares: the declarative base, constraint names, UTC instants and checked enums."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, cast

from sqlalchemy import JSON, BigInteger, ColumnElement, DateTime, Dialect, Enum, Integer, MetaData, Table, Text, literal_column
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, mapped_column
from sqlalchemy.types import TypeDecorator

# SQLite only numbers rows by itself when the key is a plain INTEGER.
_KEY = BigInteger().with_variant(Integer, "sqlite")
Key = Annotated[int, mapped_column(_KEY, primary_key=True)]
JsonDict = dict[str, Any]

# For tables whose id is in a link or at Stripe: left to itself SQLite gives the id of a row that is gone to the next one.
NEVER_AGAIN = {"sqlite_autoincrement": True}


class UtcInstant(TypeDecorator[datetime]):
    """An aware datetime, kept in UTC; SQLite stores it as sortable text."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuses naive datetimes: ValueError."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Always aware, always UTC."""
        del dialect
        return None if value is None else value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def one_of(kind: type[StrEnum], name: str) -> Enum:
    """A text column with a CHECK for the values of `kind`; `name` becomes part of the constraint's name."""
    return Enum(
        kind, name=name, native_enum=False, create_constraint=True, length=40, values_callable=lambda k: [v.value for v in k]
    )


class Base(DeclarativeBase):
    """The declarative base of every table."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it off the class
        datetime: UtcInstant,
        str: Text,
        int: BigInteger().with_variant(Integer, "sqlite"),
        JsonDict: JSON().with_variant(JSONB, "postgresql"),
    }


def table(kind: type[Base]) -> Table:
    """The table of a class, for statements that are built once and make no objects."""
    return cast("Table", kind.__table__)


def is_one_of(state: Any, *values: StrEnum) -> ColumnElement[bool]:
    """The condition that a state is one of these, written out: only so does SQLite see that an index of such rows will do."""
    written: list[ColumnElement[Any]] = [literal_column(f"'{value.value}'") for value in values]
    return cast("ColumnElement[bool]", state == written[0] if len(written) == 1 else state.in_(written))
