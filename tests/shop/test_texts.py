"""The label's texts and inks have addresses of their own."""

from flask import Flask

from app.kernel.db import Database, transaction
from app.web.colophon import theme_version
from tests.builders import make_label
from tests.shop.looking import look


def test_the_only_labels_texts(app: Flask, db: Database) -> None:
    with transaction(db) as session:
        label = make_label(session)
        label.imprint, label.terms = "# Who\n\nTinsel, **Berlin** <script>x</script>", "Be kind."
    page = look(app, "/imprint").text
    assert "<strong>Berlin</strong>" in page
    assert "<script>x" not in page
    assert "Be kind." in look(app, "/terms").text
    assert "Be kind." in look(app, "/labels/tinsel-1/terms").text
    assert [look(app, path).status_code for path in ("/privacy", "/labels/tinsel-1/privacy", "/labels/none/terms")] == [404] * 3


def test_of_several_labels_each_has_its_own(app: Flask, db: Database) -> None:
    with transaction(db) as session:
        make_label(session).terms = "Ours."
        make_label(session).imprint = "Theirs."
    assert '<a href="/labels/tinsel-1/terms">' in look(app, "/terms").text
    assert '<a href="/labels/tinsel-2/imprint">' in look(app, "/imprint").text
    assert look(app, "/withdrawal").status_code == 404


def test_other_columns_of_a_label_are_no_texts(app: Flask, db: Database) -> None:
    with transaction(db) as session:
        make_label(session)
    assert look(app, "/labels/tinsel-1/email").status_code == 404


def test_inks_are_kept_for_ever_under_their_version(app: Flask, db: Database) -> None:
    with transaction(db) as session:
        label = make_label(session)
        label.ink_loud, label.ink_quiet = "#1d7a5f", "#7a1d6a"
    right = look(app, f"/labels/tinsel-1/theme.css?v={theme_version('#1d7a5f', '#7a1d6a')}")
    assert right.content_type == "text/css; charset=utf-8"
    assert right.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "--ink-loud:" in right.text
    assert look(app, "/labels/tinsel-1/theme.css?v=old").headers["Cache-Control"] == "no-cache"
    assert look(app, "/labels/none/theme.css").status_code == 404
