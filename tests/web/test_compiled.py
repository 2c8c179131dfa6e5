"""A web process reads every page when it starts, so that it never meets those of the version that is unpacked beside it."""

import os
import tempfile
from pathlib import Path

import pytest
from jinja2 import Environment

from app.factory import create_app
from app.web.pages import Compiled, compile_all
from tests.site import settings_of


def test_every_page_is_read_at_the_start(tmp_path: Path) -> None:
    app = create_app(settings_of(tmp_path))
    compile_all(app)
    pages = {name for name in app.jinja_env.list_templates(extensions=["html", "txt", "xml"]) if not name.startswith("mail/")}
    assert {name for _, name in app.jinja_env.cache} == pages


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The system's temporary folder is one of this test's own."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_what_one_process_has_compiled_the_next_one_finds(folder: Path) -> None:
    compile_all(create_app(settings_of(folder)))
    [kept] = folder.iterdir()
    files = {each: each.stat().st_mtime_ns for each in kept.iterdir()}
    assert kept.stat().st_mode & 0o777 == 0o700
    assert files
    compile_all(create_app(settings_of(folder)))
    assert {each: each.stat().st_mtime_ns for each in kept.iterdir()} == files


def test_a_full_disk_or_a_lost_folder_costs_no_page(folder: Path) -> None:
    cache = Compiled()
    env = Environment(autoescape=True, bytecode_cache=cache)
    for kept in folder.iterdir():
        kept.rmdir()
    assert env.from_string("{{ 1 + 1 }}").render() == "2"
    bucket = cache.get_bucket(env, "page", "page.html", "source")
    bucket.code = compile("1", "page", "eval")
    cache.set_bucket(bucket)
    assert list(folder.iterdir()) == []


def test_a_folder_that_is_not_ours_is_left_alone(folder: Path) -> None:
    (folder / f"_jinja2-cache-{os.getuid()}").write_text("somebody else's")
    assert create_app(settings_of(folder)).jinja_env.bytecode_cache is None
