"""What the label makes: labels, artists, releases with their tracks, runs, and the media that show them."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, false, text, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.kernel.schema import NEVER_AGAIN, Base, Key, one_of


class Format(StrEnum):
    """What kind of object a copy is."""

    CASSETTE = "cassette"
    VINYL_7 = "vinyl-7"
    VINYL_10 = "vinyl-10"
    VINYL_12 = "vinyl-12"
    USB_ZINE = "usb-zine"
    ZINE = "zine"
    CD = "cd"
    OTHER = "other"


class MediaKind(StrEnum):
    """Pictures are re-encoded, sounds are checked and stripped, before they are stored."""

    IMAGE = "image"
    AUDIO = "audio"


class FileKind(StrEnum):
    """What a file is that comes with a copy."""

    ALBUM = "album"
    STEMS = "stems"
    ZINE = "zine"
    OTHER = "other"


_WAITING = text("ended_at IS NULL")


class Label(Base):
    """The imprint that issues releases; drops, runs, currency and the order counter belong to it."""

    __tablename__ = "labels"

    id: Mapped[Key]
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    tagline: Mapped[str] = mapped_column(default="")
    story: Mapped[str] = mapped_column(default="")  # Markdown, as are the four texts below
    email: Mapped[str]
    currency: Mapped[str]
    time_zone: Mapped[str]
    country: Mapped[str]  # ISO 3166-1 alpha-2: where parcels leave from
    ink_loud: Mapped[str] = mapped_column(default="oklch(0.62 0.21 32)")
    ink_quiet: Mapped[str] = mapped_column(default="oklch(0.55 0.09 230)")
    packaging_weight: Mapped[int] = mapped_column(default=60)  # grams
    joins_orders: Mapped[bool] = mapped_column(default=True, server_default=true())  # later orders join a fan's open parcel
    refund_limit: Mapped[int | None]  # minor units; staff who give back more of one order need a second person
    imprint: Mapped[str] = mapped_column(default="")
    terms: Mapped[str] = mapped_column(default="")
    privacy: Mapped[str] = mapped_column(default="")
    withdrawal: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("length(currency) = 3", name="currency"),
        CheckConstraint("length(country) = 2", name="country"),
        CheckConstraint("packaging_weight >= 0", name="packaging_weight"),
    )


class LimitChange(Base):
    """A higher limit of refunds, or none, that waits for its second person; over once `ended_at` says when.

    Amounts are minor units, `wanted` empty for no limit; `why` says why nobody else could confirm it.
    """

    __tablename__ = "limit_changes"

    id: Mapped[Key]
    label_id: Mapped[int] = mapped_column(ForeignKey("labels.id"))
    before: Mapped[int]
    wanted: Mapped[int | None]
    asked_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    confirmed_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    why: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("wanted IS NULL OR wanted > before", name="higher"),
        CheckConstraint("confirmed_by IS NULL OR ended_at IS NOT NULL", name="confirmed_is_over"),
        CheckConstraint("confirmed_by <> asked_by OR why <> ''", name="alone_has_reason"),
        Index("uq_limit_changes_waiting", "label_id", unique=True, sqlite_where=_WAITING, postgresql_where=_WAITING),
        NEVER_AGAIN,
    )


class Artist(Base):
    """Who made the music or the pages."""

    __tablename__ = "artists"

    id: Mapped[Key]
    label_id: Mapped[int] = mapped_column(ForeignKey("labels.id"))
    slug: Mapped[str]
    name: Mapped[str]
    story: Mapped[str] = mapped_column(default="")
    link: Mapped[str] = mapped_column(default="")

    __table_args__ = (UniqueConstraint("label_id", "slug"),)


class Media(Base):
    """A stored picture or sound; the bytes lie in MEDIA_DIR under `file`, a name of our own making."""

    __tablename__ = "media"

    id: Mapped[Key]
    label_id: Mapped[int] = mapped_column(ForeignKey("labels.id"))
    kind: Mapped[MediaKind] = mapped_column(one_of(MediaKind, "kind"))
    file: Mapped[str] = mapped_column(unique=True)
    content_type: Mapped[str]
    size: Mapped[int]  # bytes
    width: Mapped[int | None]
    height: Mapped[int | None]
    seconds: Mapped[int | None]
    created_at: Mapped[datetime]


class Release(Base):
    """A title by an artist on a label, with a catalogue number."""

    __tablename__ = "releases"

    id: Mapped[Key]
    label_id: Mapped[int] = mapped_column(ForeignKey("labels.id"))
    artist_id: Mapped[int] = mapped_column(ForeignKey("artists.id"))
    slug: Mapped[str] = mapped_column(unique=True)
    catalogue_number: Mapped[str]
    title: Mapped[str]
    notes: Mapped[str] = mapped_column(default="")  # Markdown
    released_on: Mapped[date | None]
    artwork_id: Mapped[int | None] = mapped_column(ForeignKey("media.id"))
    artwork_alt: Mapped[str] = mapped_column(default="")
    published: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]

    label: Mapped[Label] = relationship()
    artist: Mapped[Artist] = relationship()
    artwork: Mapped[Media | None] = relationship()
    tracks: Mapped[list["Track"]] = relationship(order_by="Track.position", cascade="all, delete-orphan")

    __table_args__ = (UniqueConstraint("label_id", "catalogue_number"),)


class Track(Base):
    """One track of a release, perhaps with a preview to listen to."""

    __tablename__ = "tracks"

    id: Mapped[Key]
    release_id: Mapped[int] = mapped_column(ForeignKey("releases.id"))
    position: Mapped[int]
    side: Mapped[str] = mapped_column(default="")
    title: Mapped[str]
    seconds: Mapped[int | None]
    preview_id: Mapped[int | None] = mapped_column(ForeignKey("media.id"))

    preview: Mapped[Media | None] = relationship()

    __table_args__ = (UniqueConstraint("release_id", "position"), CheckConstraint("position > 0", name="position"))


class ReleaseFile(Base):
    """What comes with every copy of a release, to be downloaded by who owns one; the bytes lie in MEDIA_DIR/files under `file`.

    `sha256` is there once all of its `size` bytes are. `downloads` counts how often one was begun, and never by whom.
    """

    __tablename__ = "release_files"

    id: Mapped[Key]
    release_id: Mapped[int] = mapped_column(ForeignKey("releases.id"))
    position: Mapped[int]
    name: Mapped[str]  # as the fan's own computer will call it
    kind: Mapped[FileKind] = mapped_column(one_of(FileKind, "kind"))
    file: Mapped[str] = mapped_column(unique=True)
    size: Mapped[int]  # bytes
    sha256: Mapped[str | None]
    downloads: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    whole_at: Mapped[datetime | None]

    release: Mapped[Release] = relationship()

    __table_args__ = (
        CheckConstraint("size > 0", name="size"),
        CheckConstraint("(sha256 IS NULL) = (whole_at IS NULL)", name="whole_has_checksum"),
        Index("ix_release_files_release_id", "release_id"),
        NEVER_AGAIN,
    )


class Run(Base):
    """A batch of identical physical copies of a release in one format; a repress is a new run."""

    __tablename__ = "runs"

    id: Mapped[Key]
    release_id: Mapped[int] = mapped_column(ForeignKey("releases.id"))
    slug: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]  # "100 numbered, clear shell"
    format: Mapped[Format] = mapped_column(one_of(Format, "format"))
    edition_size: Mapped[int]
    first_number: Mapped[int] = mapped_column(default=1)
    price: Mapped[int]  # minor units of the label's currency
    weight: Mapped[int]  # grams, one copy
    hs_code: Mapped[str] = mapped_column(default="")
    origin: Mapped[str] = mapped_column(default="")  # ISO 3166-1 alpha-2
    limit_per_fan: Mapped[int | None]
    body_colour: Mapped[str] = mapped_column(default="#d8d2c4")
    label_colour: Mapped[str] = mapped_column(default="#b3402a")
    pressed_at: Mapped[datetime | None]
    preorder: Mapped[bool] = mapped_column(default=False, server_default=false())  # then it has a Making
    created_at: Mapped[datetime]

    release: Mapped[Release] = relationship()

    @property
    def last_number(self) -> int:
        """The highest number of the run."""
        return self.first_number + self.edition_size - 1

    __table_args__ = (
        CheckConstraint("edition_size BETWEEN 1 AND 10000", name="edition_size"),
        CheckConstraint("first_number >= 0", name="first_number"),
        CheckConstraint("price >= 0", name="price"),
        CheckConstraint("weight >= 0", name="weight"),
        CheckConstraint("limit_per_fan > 0", name="limit_per_fan"),
    )
