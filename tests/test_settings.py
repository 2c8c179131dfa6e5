"""Settings: what is wrong or missing stops the start and is named, without showing a secret."""

from dataclasses import FrozenInstanceError, fields
from pathlib import Path

import pytest

from app.settings import Settings

GOOD = {
    "SECRET_KEY": "a signing key that is long enough for this",
    "BASE_URL": "https://shop.tinsel.example/",
    "DATABASE_URL": "sqlite:///shop.db",
    "MEDIA_DIR": "media",
    "STRIPE_SECRET_KEY": "sk_test_the_tests_own_key",
    "STRIPE_WEBHOOK_SECRET": "whsec_new, whsec_old",
    "SMTP_URL": "smtp://127.0.0.1:9",
    "MAIL_FROM": "post@tinsel.example",
}


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for each in fields(Settings):
        monkeypatch.delenv(each.name.upper(), raising=False)
        monkeypatch.delenv(f"{each.name.upper()}_FILE", raising=False)
    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)


def test_a_good_environment_is_read() -> None:
    settings = Settings()
    assert settings.base_url == "https://shop.tinsel.example"
    assert [secret.get_secret_value() for secret in settings.stripe_webhook_secret] == ["whsec_new", "whsec_old"]
    assert settings.payment_origin == "https://checkout.stripe.com"
    assert (settings.secure, settings.live) == (True, False)


def test_a_command_on_the_empty_demo_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings().demo_make == ""
    monkeypatch.setenv("STRIPE_API_BASE", "http://127.0.0.1:4242")
    assert Settings().demo_make == "make flask"
    monkeypatch.setenv("DATABASE_URL", "sqlite:///var-empty/runout.db")
    assert Settings().demo_make == "EMPTY=1 make flask"


def test_who_is_told_of_alerts(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (Settings().alert_mail, Settings().alert_webhook_url) == (None, None)
    monkeypatch.setenv("ALERT_MAIL", "ada@shop.example, ben@shop.example")
    monkeypatch.setenv("ALERT_WEBHOOK_URL", "https://chat.example/hooks/opensesame")
    settings = Settings()
    assert settings.alert_mail == ("ada@shop.example", "ben@shop.example")
    assert settings.alert_webhook_url is not None
    assert settings.alert_webhook_url.get_secret_value() == "https://chat.example/hooks/opensesame"
    assert "opensesame" not in repr(settings)


def test_a_secret_may_come_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("another key that is also long enough\n")
    monkeypatch.delenv("SECRET_KEY")
    monkeypatch.setenv("SECRET_KEY_FILE", str(file))
    assert Settings().secret_key.get_secret_value() == "another key that is also long enough"


def test_the_variable_wins_over_its_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("another key that is also long enough")
    monkeypatch.setenv("SECRET_KEY_FILE", str(file))
    assert Settings().secret_key.get_secret_value() == GOOD["SECRET_KEY"]


def test_a_file_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTP_URL_FILE", "/nowhere/smtp")
    with pytest.raises(ValueError, match="SMTP_URL_FILE names /nowhere/smtp, which cannot be read"):
        Settings()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"SECRET_KEY": "opensesame"}, "at least 32 characters"),
        ({"SECRET_KEY_OLD": "opensesame"}, "at least 32 characters"),
        ({"BASE_URL": "shop.example"}, "must be a whole address"),
        ({"ALERT_WEBHOOK_URL": "discord.example/opensesame"}, "must be a whole address"),
        ({"ALERT_MAIL": "ada@shop.example, opensesame"}, "must be e-mail addresses with commas between them"),
        ({"BACKUP_STALE_HOURS": "0"}, "BACKUP_STALE_HOURS must be 1 or more"),
        ({"STRIPE_WEBHOOK_SECRET": " , "}, "STRIPE_WEBHOOK_SECRET is empty"),
        (
            {"STRIPE_SECRET_KEY": "rk_live_opensesame", "STRIPE_API_BASE": "http://127.0.0.1:4242"},
            "a live Stripe key together with",
        ),
        ({"STRIPE_SECRET_KEY": "sk_live_opensesame", "CLOCK_OFFSET_FILE": "clock"}, "may only be moved in demos"),
        ({"STRIPE_SECRET_KEY": "sk_live_opensesame", "BASE_URL": "http://shop.example"}, "must begin with https"),
    ],
)
def test_what_is_wrong_is_said_without_the_secret(monkeypatch: pytest.MonkeyPatch, changes: dict[str, str], words: str) -> None:
    for name, value in changes.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ValueError, match=words) as refused:
        Settings()
    assert "opensesame" not in str(refused.value)


@pytest.mark.parametrize("name", GOOD)
def test_nothing_that_is_needed_has_a_default(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.delenv(name)
    with pytest.raises(ValueError, match=f"^{name} is missing"):
        Settings()


def test_no_secret_shows() -> None:
    shown = repr(Settings())
    assert [name for name in ("SECRET_KEY", "STRIPE_SECRET_KEY", "SMTP_URL") if GOOD[name] in shown] == []
    assert "whsec" not in shown


def test_fonts_are_found_by_their_names(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert Settings().fallback_fonts == ()
    for name, start in (("b.TTF", b"\0\1\0\0"), ("a.otf", b"OTTO"), ("c.ttc", b"ttcf"), ("README", b"text")):
        (tmp_path / name).write_bytes(start + b"and so on")
    monkeypatch.setenv("FONTS_DIR", str(tmp_path))
    settings = Settings()
    assert [file.name for file in settings.fallback_fonts] == ["a.otf", "b.TTF", "c.ttc"]
    (tmp_path / "a.otf").unlink()
    assert [file.name for file in settings.fallback_fonts] == ["b.TTF", "c.ttc"]


@pytest.mark.parametrize(
    ("files", "words"),
    [
        (None, "is no folder: make it and put fonts for packing slips into it, or unset FONTS_DIR"),
        ((), "there is no font in .*: put a .ttf, .otf or .ttc file into it, or unset FONTS_DIR"),
        (("font.ttf", "page.otf"), "font.ttf, page.otf in .* cannot be read as a font: put it right or take it away"),
    ],
)
def test_a_folder_without_fonts_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, files: tuple[str, ...] | None, words: str
) -> None:
    folder = tmp_path / "fonts"
    if files is not None:
        folder.mkdir()
        for name in files:
            (folder / name).write_text("<html>")
    monkeypatch.setenv("FONTS_DIR", str(folder))
    with pytest.raises(ValueError, match=words):
        Settings()


def test_all_that_is_wrong_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEB_THREADS", "many")
    monkeypatch.setenv("ENVIRONMENT", "prod")
    monkeypatch.delenv("MAIL_FROM")
    with pytest.raises(ValueError, match="must be") as refused:
        Settings()
    assert str(refused.value).splitlines() == [
        "ENVIRONMENT must be one of: production, development",
        "MAIL_FROM is missing: set it, or MAIL_FROM_FILE to the file that holds it",
        "WEB_THREADS must be a whole number",
    ]


def test_they_stay_as_they_were_read() -> None:
    with pytest.raises(FrozenInstanceError):
        Settings().web_threads = 1  # type: ignore[misc]  # what must not work
