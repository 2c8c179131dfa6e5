"""Making and editing labels, artists, releases, tracks and runs."""

import threading
from dataclasses import replace

import pytest
from sqlalchemy import select

from app.catalogue import artists, labels, releases, runs, tracks
from app.catalogue.artists import ArtistWords
from app.catalogue.labels import LabelWords
from app.catalogue.models import Artist, Format, Release, Run, Track
from app.catalogue.releases import ReleaseWords
from app.catalogue.runs import RunWords
from app.catalogue.tracks import TrackWords
from app.inventory.models import Copy, StockMovement
from app.inventory.pressing import press_run
from app.kernel.db import Database, reading, transaction
from app.kernel.errors import BadInput, Conflict, NotFound
from tests.builders import make_artist, make_drop, make_label, make_release, make_run
from tests.cast import NOW, SAM

ARTIST = ArtistWords("Mira Vale", "", "", "")
LABEL = LabelWords("Tinsel", "", "desk@tinsel.example", "EUR", "Europe/Berlin", "DE", 60)
RUN = RunWords("100 numbered", "", Format.CASSETTE, 100, 1, 2400, 80, "", "DE", None, "clear", "#b3402a")


def test_an_artists_address_comes_from_the_name_and_makes_way(db: Database) -> None:
    with transaction(db) as session:
        label = make_label(session)
        one, two = (artists.create(session, label.id, ARTIST) for _ in range(2))
        assert (one.slug, two.slug) == ("mira-vale", "mira-vale-2")
        with pytest.raises(BadInput, match="has this address already"):
            artists.edit(session, two.id, replace(ARTIST, slug="mira-vale"))


@pytest.mark.parametrize("link", ["javascript:alert(1)", "//evil.example", "example.org", "data:text/html,x", "https://a b"])
def test_an_artists_link_is_an_address_of_the_web(db: Database, link: str) -> None:
    with transaction(db) as session, pytest.raises(BadInput):
        artists.create(session, make_label(session).id, replace(ARTIST, link=link))


def test_an_artist_with_a_release_stays(db: Database) -> None:
    with transaction(db) as session:
        release = make_release(session, make_label(session))
        with pytest.raises(Conflict):
            artists.remove(session, release.artist_id)
        lonely = make_artist(session, release.label)
        artists.remove(session, lonely.id)
        assert session.scalars(select(Artist.id)).all() == [release.artist_id]


def test_a_release_needs_a_number_of_its_own_and_keeps_its_address(db: Database) -> None:
    with transaction(db) as session:
        label = make_label(session)
        words = ReleaseWords(make_artist(session, label).id, "TAPE-1", "Night Bus", "", "", None)
        release = releases.create(session, label.id, words, NOW)
        assert (release.slug, release.published) == ("night-bus", False)
        with pytest.raises(BadInput, match="has this number"):
            releases.create(session, label.id, words, NOW)
        assert releases.edit(session, release.id, replace(words, slug="the-bus")).slug == "the-bus"
        assert releases.publish(session, release.id, shown=True) is True
        assert releases.publish(session, release.id, shown=True) is False
        with pytest.raises(Conflict, match="stays as it is"):
            releases.edit(session, release.id, replace(words, slug="another"))
        assert releases.edit(session, release.id, replace(words, title="Day Bus")).slug == "the-bus"


def test_a_release_takes_no_artist_of_another_label(db: Database) -> None:
    with transaction(db) as session:
        label, other = make_label(session), make_label(session)
        words = ReleaseWords(make_artist(session, other).id, "TAPE-1", "Night Bus", "", "", None)
        with pytest.raises(BadInput):
            releases.create(session, label.id, words, NOW)


def test_two_people_who_take_one_number_at_once_hear_it_in_words(db: Database) -> None:
    """The unique constraint answers the one who is later; nobody sees a fault."""
    with transaction(db) as session:
        label = make_label(session)
        words = ReleaseWords(make_artist(session, label).id, "TAPE-1", "Night Bus", "", "", None)
        label_id = label.id
    gate, said = threading.Barrier(4), []

    def make() -> None:
        gate.wait()
        try:
            with transaction(db) as session:
                releases.create(session, label_id, words, NOW)
            said.append("made")
        except BadInput:
            said.append("taken")

    people = [threading.Thread(target=make) for _ in range(4)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert sorted(said) == ["made", "taken", "taken", "taken"]


def test_tracks_change_places_and_keep_their_rows(db: Database) -> None:
    with transaction(db) as session:
        release = make_release(session, make_label(session))
        tracks.write(session, release.id, [TrackWords(None, "A", "One", 61), TrackWords(None, "A", "Two", None)])
        one, two = release.tracks
        tracks.write(
            session,
            release.id,
            [TrackWords(two.id, "B", "Two", 90), TrackWords(None, "", "New", None), TrackWords(one.id, "A", "One", 61)],
        )
        kept = [
            (track.id, track.position, track.title, track.seconds)
            for track in session.scalars(select(Track).order_by(Track.position))
        ]
        assert kept == [(two.id, 1, "Two", 90), (kept[1][0], 2, "New", None), (one.id, 3, "One", 61)]
        tracks.write(session, release.id, [])
        assert session.scalars(select(Track)).all() == []


def test_a_track_of_another_release_is_not_taken_over(db: Database) -> None:
    with transaction(db) as session:
        label = make_label(session)
        mine, other = make_release(session, label), make_release(session, label)
        tracks.write(session, other.id, [TrackWords(None, "", "Theirs", None)])
        with pytest.raises(NotFound):
            tracks.write(session, mine.id, [TrackWords(other.tracks[0].id, "", "Mine", None)])
        assert session.scalars(select(Track.title)).all() == ["Theirs"]


@pytest.mark.parametrize(("typed", "seconds"), [("", None), ("4:05", 245), ("0:59", 59), ("1:02:30", 3750), ("12:00", 720)])
def test_a_length_as_people_write_it(typed: str, seconds: int | None) -> None:
    assert tracks.seconds(typed) == seconds


@pytest.mark.parametrize("typed", ["4", "4:5", "4:60", "-1:00", "1:2:3:4", "four", "٤:٠٥", "99999:00"])
def test_what_is_no_length(typed: str) -> None:
    with pytest.raises(ValueError):
        tracks.seconds(typed)


def test_a_run_is_planned_pressed_once_and_then_settled(db: Database) -> None:
    with transaction(db) as session:
        release = make_release(session, make_label(session))
        run = runs.create(session, release.id, RUN, NOW)
        assert (run.slug, run.pressed_at) == (f"{release.slug}-cassette", None)
        runs.edit(session, run.id, replace(RUN, edition_size=12, first_number=0))
        with pytest.raises(Conflict, match="changed this run"):
            press_run(session, run.id, 100, 1, NOW, SAM)
        assert press_run(session, run.id, 12, 0, NOW, SAM) == 12
        with pytest.raises(Conflict, match="pressed already"):
            press_run(session, run.id, 12, 0, NOW, SAM)
        assert sorted(session.scalars(select(Copy.number))) == list(range(12))
        assert len(session.scalars(select(StockMovement)).all()) == 12
        settled = replace(RUN, edition_size=12, first_number=0)
        runs.edit(session, run.id, replace(settled, price=2600, weight=90, title="12 numbered"))
        for change in ({"edition_size": 13}, {"first_number": 1}, {"format": Format.CD}, {"slug": "other"}):
            with pytest.raises(Conflict, match="is pressed"):
                runs.edit(session, run.id, replace(settled, **change))
        with pytest.raises(Conflict):
            runs.remove(session, run.id)
        assert (run.price, run.edition_size, run.format) == (2600, 12, Format.CASSETTE)


def test_pressing_twice_at_the_same_moment_makes_the_copies_once(db: Database) -> None:
    with transaction(db) as session:
        run_id = make_run(session, make_release(session, make_label(session)), size=20, pressed=False).id
    gate, said = threading.Barrier(3), []

    def press() -> None:
        gate.wait()
        try:
            with transaction(db) as session:
                said.append(press_run(session, run_id, 20, 1, NOW, SAM))
        except Conflict:
            said.append(0)

    people = [threading.Thread(target=press) for _ in range(3)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert sorted(said) == [0, 0, 20]
    with reading(db) as session:
        assert sorted(n or 0 for n in session.scalars(select(Copy.number))) == list(range(1, 21))


@pytest.mark.parametrize(
    ("field", "value"),
    [("edition_size", 0), ("edition_size", 10_001), ("first_number", -1), ("price", -1), ("weight", -5), ("hs_code", "12"),
     ("hs_code", "8523.29"), ("limit_per_fan", 0)],
)  # fmt: skip
def test_a_run_that_cannot_be(db: Database, field: str, value: object) -> None:
    with transaction(db) as session:
        release = make_release(session, make_label(session))
        with pytest.raises(BadInput) as no:
            runs.create(session, release.id, replace(RUN, **{field: value}), NOW)
        assert field in no.value.fields
        assert session.scalars(select(Run)).all() == []


def test_a_run_in_a_drop_is_not_removed(db: Database) -> None:
    with transaction(db) as session:
        run = make_run(session, make_release(session, make_label(session)), pressed=False)
        make_drop(session, [run], published=False)
        with pytest.raises(Conflict, match="part of a drop"):
            runs.remove(session, run.id)


def test_a_locked_price_stays(db: Database) -> None:
    with transaction(db) as session:
        run = runs.create(session, make_release(session, make_label(session)).id, RUN, NOW)
        with pytest.raises(Conflict, match="fans are buying"):
            runs.edit(session, run.id, replace(RUN, price=1), "no: fans are buying")
        runs.edit(session, run.id, replace(RUN, weight=1), "no: fans are buying")
        assert (run.price, run.weight) == (2400, 1)


def test_a_label_is_made_and_edited(db: Database) -> None:
    with transaction(db) as session:
        label = labels.create(session, LABEL, "", NOW)
        assert label.slug == "tinsel"
        labels.edit(session, label.id, replace(LABEL, currency="JPY", name="Tinsel Tapes"))
        assert (label.currency, label.name, label.slug) == ("JPY", "Tinsel Tapes", "tinsel")
        with pytest.raises(Conflict, match="orders"):
            labels.edit(session, label.id, LABEL, "there are orders")
        labels.write_text(session, label.id, "imprint", "# Hello")
        with pytest.raises(NotFound):
            labels.write_text(session, label.id, "currency", "XXX")
        assert (label.imprint, label.currency) == ("# Hello", "JPY")


def test_prices_are_not_reread_in_a_currency_without_cents(db: Database) -> None:
    with transaction(db) as session:
        label = make_label(session)
        make_run(session, make_release(session, label))
        with pytest.raises(BadInput, match="counted otherwise"):
            labels.edit(session, label.id, replace(LABEL, currency="JPY"))
        labels.edit(session, label.id, replace(LABEL, currency="USD"))
        assert label.currency == "USD"


@pytest.mark.parametrize(
    ("field", "value"),
    [("currency", "EURO"), ("currency", "XTS"), ("time_zone", "Mars/Olympus"), ("time_zone", "../etc/passwd"),
     ("country", "Deutschland"),
     ("email", "nobody"), ("packaging_weight", -1)],
)  # fmt: skip
def test_a_label_that_cannot_be(db: Database, field: str, value: object) -> None:
    with transaction(db) as session, pytest.raises(BadInput) as no:
        labels.create(session, replace(LABEL, **{field: value}), "", NOW)
    assert set(no.value.fields) == {field}


def test_a_draft_without_runs_is_removed_whole(db: Database) -> None:
    with transaction(db) as session:
        release = make_release(session, make_label(session))
        tracks.write(session, release.id, [TrackWords(None, "", "One", None)])
        with pytest.raises(Conflict):
            releases.remove(session, release.id)
        releases.publish(session, release.id, shown=False)
        assert releases.remove(session, release.id) == []
        assert (session.scalars(select(Release)).all(), session.scalars(select(Track)).all()) == ([], [])
