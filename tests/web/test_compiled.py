"""A web process reads every page when it starts, so that it never meets those of the version that is unpacked beside it."""

from flask import Flask

from app.web.pages import compile_all
from tests.site import make_app


def test_every_page_is_read_at_the_start(tmp_path, sqlite_db, clock) -> None:  # type: ignore[no-untyped-def]
    app: Flask = make_app(sqlite_db, clock, media_dir=tmp_path)
    compile_all(app)
    pages = {name for name in app.jinja_env.list_templates(extensions=["html", "txt", "xml"]) if not name.startswith("mail/")}
    assert {name for _, name in app.jinja_env.cache} == pages
