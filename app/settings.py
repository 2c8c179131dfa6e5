"""Typed settings from the environment; a secret may also come from the file that NAME_FILE points to."""

import json
import os
import sys
from dataclasses import MISSING, Field, dataclass, field, fields
from email.utils import parseaddr
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, cast
from urllib.parse import urlsplit

_FONT_KINDS = {".ttf", ".otf", ".ttc"}
_FONT_STARTS = {b"\0\1\0\0", b"true", b"OTTO", b"ttcf"}


class Environment(StrEnum):
    """Where this process runs; production writes JSON logs, and insists on https when real money moves."""

    PRODUCTION = "production"
    DEVELOPMENT = "development"


@dataclass(frozen=True)
class Secret:
    """A text that no log and no traceback shows."""

    _value: str = field(repr=False)

    def get_secret_value(self) -> str:
        """The text, for who asks."""
        return self._value


def _address(value: str) -> str:
    if urlsplit(value).scheme not in {"http", "https"} or not urlsplit(value).netloc:
        raise ValueError("must be a whole address such as https://shop.example")
    return value.rstrip("/")


def _secret_address(value: str) -> Secret:
    return Secret(_address(value))


def _key(value: str) -> Secret:
    if len(value) < 32:
        raise ValueError(
            'must have at least 32 characters; make one with python -c "import secrets; print(secrets.token_urlsafe(48))"'
        )
    return Secret(value)


def _environment(value: str) -> Environment:
    if value not in list(Environment):
        raise ValueError(f"must be one of: {', '.join(Environment)}")
    return Environment(value)


def _number(value: str) -> int:
    try:
        return int(value)
    except ValueError:
        raise ValueError("must be a whole number") from None


def _from_one(value: str) -> int:
    if (number := _number(value)) < 1:
        raise ValueError("must be 1 or more")
    return number


def _list(value: str) -> tuple[str, ...]:
    return tuple(filter(None, map(str.strip, value.split(","))))


def _secrets(value: str) -> tuple[Secret, ...]:
    return tuple(map(Secret, _list(value)))


def _people(value: str) -> tuple[str, ...]:
    found = _list(value)
    if any(parseaddr(each)[1] != each or "@" not in each for each in found):
        raise ValueError("must be e-mail addresses with commas between them, such as ada@shop.example, ben@shop.example")
    return found


def _fonts_folder(value: str) -> Path:
    folder = Path(value)
    if not folder.is_dir():
        raise ValueError(f"{folder} is no folder: make it and put fonts for packing slips into it, or unset FONTS_DIR")
    found = _fonts(folder)
    if not found:
        raise ValueError(f"there is no font in {folder}: put a .ttf, .otf or .ttc file into it, or unset FONTS_DIR")
    broken = ", ".join(file.name for file in found if not _is_font(file))
    if broken:
        raise ValueError(f"{broken} in {folder} cannot be read as a font: put it right or take it away")
    return folder


def _fonts(folder: Path) -> tuple[Path, ...]:
    return tuple(sorted(file for file in folder.glob("*") if file.suffix.lower() in _FONT_KINDS))


def _is_font(file: Path) -> bool:
    try:
        with file.open("rb") as content:
            return content.read(4) in _FONT_STARTS
    except OSError:
        return False


@dataclass(frozen=True, init=False, kw_only=True)
class Settings:
    """Everything the operator can set; refuses to be made from a wrong or incomplete environment.

    Beside the type of each stands what makes it of a text. What has no default is needed.
    """

    environment: Annotated[Environment, _environment] = Environment.PRODUCTION
    secret_key: Annotated[Secret, _key]
    secret_key_old: Annotated[Secret | None, _key] = None
    base_url: Annotated[str, _address]
    database_url: Annotated[str, str]
    media_dir: Annotated[Path, Path]
    backup_dir: Annotated[Path | None, Path] = None
    backup_stale_hours: Annotated[int, _from_one] = 26
    fonts_dir: Annotated[Path | None, _fonts_folder] = None
    stripe_secret_key: Annotated[Secret, Secret]
    stripe_webhook_secret: Annotated[tuple[Secret, ...], _secrets]
    stripe_api_base: Annotated[str | None, _address] = None
    stripe_per_second: Annotated[int, _from_one] = 25
    payment_host: Annotated[str, str] = "https://checkout.stripe.com"
    smtp_url: Annotated[Secret, Secret]
    mail_from: Annotated[str, str]
    alert_mail: Annotated[tuple[str, ...] | None, _people] = None
    alert_webhook_url: Annotated[Secret | None, _secret_address] = None
    metrics_token: Annotated[Secret | None, Secret] = None
    trusted_hops: Annotated[int, _number] = 0
    clock_offset_file: Annotated[Path | None, Path] = None
    web_processes: Annotated[int, _number] = 1
    web_threads: Annotated[int, _number] = 16

    def __init__(self, **given: Any) -> None:
        """What is given wins over the environment, which wins over NAME_FILE; ValueError names all that is wrong, not its value."""
        faults = []
        for each in fields(self):
            try:
                object.__setattr__(self, each.name, _value(each, given.pop(each.name, None)))
            except ValueError as fault:
                faults.append(str(fault))
        faults += [f"{name}: there is no such setting" for name in given]
        if faults:
            raise ValueError("\n".join(faults))
        self._consistent()

    def _consistent(self) -> None:
        if not self.stripe_webhook_secret:
            raise ValueError("STRIPE_WEBHOOK_SECRET is empty: copy it from the endpoint's page in Stripe's dashboard")
        if self.live and self.stripe_api_base:
            raise ValueError("a live Stripe key together with STRIPE_API_BASE: unset one of them")
        if self.live and self.clock_offset_file:
            raise ValueError("a live Stripe key together with CLOCK_OFFSET_FILE: the clock may only be moved in demos and tests")
        if self.live and not self.base_url.startswith("https://"):
            raise ValueError("BASE_URL must begin with https:// when a live Stripe key is set")

    @property
    def live(self) -> bool:
        """Does real money move?"""
        return "_live_" in self.stripe_secret_key.get_secret_value()

    @property
    def demo(self) -> bool:
        """Is there a stand-in for Stripe, so that no money and no real fan is behind any of it?"""
        return self.stripe_api_base is not None

    @property
    def demo_make(self) -> str:
        """How a person runs a command on this demo's database: `make flask`, with EMPTY=1 on the empty shop's; else empty."""
        if not self.demo:
            return ""
        return "EMPTY=1 make flask" if "/var-empty/" in self.database_url else "make flask"

    @property
    def secure(self) -> bool:
        """Is the shop reached over https?"""
        return self.base_url.startswith("https://")

    @property
    def payment_origin(self) -> str:
        """The origin that a payment redirect goes to, for the page's form-action."""
        return self.stripe_api_base or self.payment_host

    @property
    def fallback_fonts(self) -> tuple[Path, ...]:
        """The fonts that a packing slip turns to for signs that its own do not have, in the sequence of their names."""
        return _fonts(self.fonts_dir) if self.fonts_dir else ()

    @property
    def signing_keys(self) -> tuple[bytes, ...]:
        """The key that signs now, then the ones still accepted after a rotation."""
        keys = (self.secret_key, self.secret_key_old)
        return tuple(key.get_secret_value().encode() for key in keys if key)


def _value(setting: Field[Any], given: Any) -> Any:
    name = setting.name.upper()
    said = _said(name) if given is None else given
    if said is None:
        if setting.default is MISSING:
            raise ValueError(f"{name} is missing: set it, or {name}_FILE to the file that holds it")
        return setting.default
    try:
        return cast("Any", setting.type).__metadata__[0](said) if isinstance(said, str) else said
    except ValueError as fault:
        raise ValueError(f"{name} {fault}") from None


def _said(name: str) -> str | None:
    path = os.environ.get(f"{name}_FILE")
    try:
        held = Path(path).read_text().rstrip("\n") if path else None
    except (OSError, UnicodeDecodeError) as fault:
        raise ValueError(f"{name}_FILE names {path}, which cannot be read: {fault}") from fault
    return os.environ.get(name, held)


if __name__ == "__main__":  # the supervisor asks like this, so that it need not load what reads them
    try:
        found = Settings()
    except ValueError as fault:
        sys.exit(str(fault))
    sys.stdout.write(json.dumps({name: getattr(found, name) for name in ("database_url", "web_processes", "web_threads")}))
