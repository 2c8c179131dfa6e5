"""A command before the demo was ever started gets a sentence, and no traceback."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from app.serve import __main__
from app.serve.begun import check_begun
from app.serve.demo_env import DemoRefused

ENV = {"DATABASE_URL": "sqlite:///var/runout.db"}


def tables(file: Path, *names: str) -> None:
    file.parent.mkdir(exist_ok=True)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA user_version = 1")
        for name in names:
            connection.execute(f"CREATE TABLE {name} (id INTEGER)")
        connection.commit()


def test_nothing_is_there(tmp_path: Path) -> None:
    with pytest.raises(DemoRefused, match=r"Start one with `make run`"):
        check_begun(tmp_path, ENV, {}, ["staff", "add", "a@b.example"])
    with pytest.raises(DemoRefused, match=r"Start one with `EMPTY=1 make run`"):
        check_begun(tmp_path, ENV, {"EMPTY": "1"}, ["setup"])
    assert list(tmp_path.iterdir()) == []


def test_a_file_without_tables_is_nothing(tmp_path: Path) -> None:
    tables(tmp_path / "var/runout.db")
    with pytest.raises(DemoRefused):
        check_begun(tmp_path, ENV, {}, ["staff", "list"])


@pytest.mark.parametrize("words", [["db", "upgrade"], ["restore", "a.zip"], ["staff", "--help"], []])
def test_what_needs_no_tables_goes_on(tmp_path: Path, words: list[str]) -> None:
    check_begun(tmp_path, ENV, {}, words)


def test_a_demo_that_was_started_goes_on(tmp_path: Path) -> None:
    tables(tmp_path / "var/runout.db", "labels")
    check_begun(tmp_path, ENV, {}, ["staff", "list"])
    check_begun(tmp_path, {"DATABASE_URL": "postgresql://somewhere/else"}, {}, ["staff", "list"])


def test_the_command_says_it_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As `make flask` calls it, where nothing was ever started; without the check it would become that command."""
    monkeypatch.setattr(__main__, "ROOT", tmp_path)
    monkeypatch.setattr(__main__.os, "execve", lambda *_args: pytest.fail("it went on"))
    for name in ("DATABASE_URL", "EMPTY"):
        monkeypatch.delenv(name, raising=False)
    assert __main__.main(["flask", "staff", "add", "a@b.example"]) == 1
    said = capsys.readouterr().err.strip()
    assert said == "There is no demo yet that this could work on. Start one with `make run`, and try again beside it."
