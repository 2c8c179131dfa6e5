"""Bundles hold every part once, are named by content, and ask for nothing that is not there."""

import re
from pathlib import Path

import pytest

from app.web import assets

STATIC = Path(__file__).parents[2] / "app/static"


def test_every_style_sheet_and_script_is_in_a_bundle() -> None:
    wanted = {part for parts in assets.BUNDLES.values() for part in parts}
    there = {path.relative_to(STATIC).as_posix() for kind in ("css", "js") for path in (STATIC / kind).iterdir()}
    assert wanted == there


@pytest.mark.parametrize("name", assets.BUNDLES)
def test_a_bundle_is_named_by_its_content(name: str) -> None:
    hashed, content = assets.build(STATIC)[name]
    stem, fingerprint, kind = hashed.rsplit(".", 2)
    assert f"{stem}.{kind}" == name
    assert fingerprint == assets.fingerprint(content)
    assert re.fullmatch("[0-9a-f]{10}", fingerprint)


def test_a_change_changes_the_name(tmp_path: Path) -> None:
    for parts in assets.BUNDLES.values():
        for part in parts:
            (tmp_path / part).parent.mkdir(exist_ok=True)
            (tmp_path / part).write_text("x")
    before = assets.build(tmp_path)["shop.css"][0]
    (tmp_path / "css/tokens.css").write_text("y")
    assert assets.build(tmp_path)["shop.css"][0] != before


def test_a_missing_part_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"reset\.css"):
        assets.build(tmp_path)


def test_layers_are_declared_first() -> None:
    for name in ("shop.css", "desk.css"):
        assert assets.bundle(STATIC, name).startswith(b"@layer reset, tokens, theme, base, components, utilities;")


def test_fonts_are_where_the_style_sheet_looks() -> None:
    sheet = assets.bundle(STATIC, "shop.css").decode()
    addresses = re.findall(r'url\("([^"]+)"\)', sheet)
    assert len(addresses) == 4
    assert all((STATIC / address).is_file() for address in addresses)
    pointed = assets.bundle(STATIC, "shop.css", lambda path: f"/static/{path}?v=1").decode()
    assert re.findall(r'url\("([^"]+)"\)', pointed) == [f"/static/{address}?v=1" for address in addresses]


def test_a_page_loads_no_more_than_130_kb_of_fonts() -> None:
    latin = [path for path in (STATIC / "vendor/fonts").glob("*.woff2") if "latin-ext" not in path.name]
    assert len(latin) == 2
    assert sum(path.stat().st_size for path in latin) <= 130_000


@pytest.mark.parametrize("path", sorted((STATIC / "js").iterdir()), ids=lambda path: path.name)
def test_scripts_are_small_and_stand_alone(path: Path) -> None:
    text = path.read_text()
    assert text.startswith("//")
    assert len(text.splitlines()) <= 120
    assert not re.search(r"^\s*(import|export)\b|\beval\(|new Function|innerHTML|document\.write", text, re.MULTILINE)


@pytest.mark.parametrize("path", sorted((STATIC / "css").iterdir()), ids=lambda path: path.name)
def test_style_sheets_keep_to_the_look(path: Path) -> None:
    text = path.read_text()
    assert text.count("{") == text.count("}")
    assert not re.search(r"box-shadow|text-shadow|linear-gradient\((?!-40deg)|https?:|@import", text.replace("repeating-", ""))


@pytest.mark.parametrize("path", sorted((STATIC.parents[1] / "templates").rglob("*.html")), ids=lambda path: path.name)
def test_templates_have_nothing_inline(path: Path) -> None:
    text = path.read_text()
    if "mail" not in path.parts:
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=\"|<script(?![^>]*\bsrc=)|javascript:", text)
