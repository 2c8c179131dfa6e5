"""Typed settings from the environment; a secret may also come from the file that NAME_FILE points to."""

import os
import sys
from email.utils import parseaddr
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

_FONT_KINDS = {".ttf", ".otf", ".ttc"}
_FONT_STARTS = {b"\0\1\0\0", b"true", b"OTTO", b"ttcf"}


class Environment(StrEnum):
    """Where this process runs; production writes JSON logs, and insists on https when real money moves."""

    PRODUCTION = "production"
    DEVELOPMENT = "development"


class FromFiles(PydanticBaseSettingsSource):
    """Reads each setting NAME from the file named by the variable NAME_FILE."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """The file's text without the last newline, or None where no file is named."""
        del field
        variable = f"{field_name.upper()}_FILE"
        path = os.environ.get(variable)
        try:
            return (Path(path).read_text().rstrip("\n") if path else None), field_name, False
        except (OSError, UnicodeDecodeError) as fault:
            raise ValueError(f"{variable} names {path}, which cannot be read: {fault}") from fault

    def __call__(self) -> dict[str, Any]:
        """All settings found in files."""
        found = {name: self.get_field_value(field, name)[0] for name, field in self.settings_cls.model_fields.items()}
        return {name: value for name, value in found.items() if value is not None}


class Settings(BaseSettings):
    """Everything the operator can set; refuses to be made from a wrong or incomplete environment."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    environment: Environment = Environment.PRODUCTION
    secret_key: SecretStr
    secret_key_old: SecretStr | None = None
    base_url: str
    database_url: str
    media_dir: Path
    backup_dir: Path | None = None
    backup_stale_hours: int = Field(default=26, ge=1)
    fonts_dir: Path | None = None
    stripe_secret_key: SecretStr
    stripe_webhook_secret: Annotated[tuple[SecretStr, ...], NoDecode]
    stripe_api_base: str | None = None
    payment_host: str = "https://checkout.stripe.com"
    smtp_url: SecretStr
    mail_from: str
    alert_mail: Annotated[tuple[str, ...] | None, NoDecode] = None
    alert_webhook_url: SecretStr | None = None
    metrics_token: SecretStr | None = None
    trusted_hops: int = 0
    clock_offset_file: Path | None = None
    web_processes: int = 1
    web_threads: int = 16

    @field_validator("stripe_webhook_secret", "alert_mail", mode="before")
    @classmethod
    def _split_list(cls, value: object) -> object:
        return tuple(filter(None, map(str.strip, value.split(",")))) if isinstance(value, str) else value

    @field_validator("base_url", "stripe_api_base")
    @classmethod
    def _whole_address(cls, value: str | None) -> str | None:
        if value is not None and (urlsplit(value).scheme not in {"http", "https"} or not urlsplit(value).netloc):
            raise ValueError("must be a whole address such as https://shop.example")
        return value.rstrip("/") if value else value

    @field_validator("alert_mail")
    @classmethod
    def _addresses(cls, value: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if any(parseaddr(each)[1] != each or "@" not in each for each in value or ()):
            raise ValueError("must be e-mail addresses with commas between them, such as ada@shop.example, ben@shop.example")
        return value

    @field_validator("alert_webhook_url")
    @classmethod
    def _whole_secret_address(cls, value: SecretStr | None) -> SecretStr | None:
        return value and SecretStr(str(cls._whole_address(value.get_secret_value())))

    @field_validator("secret_key", "secret_key_old")
    @classmethod
    def _long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < 32:
            raise ValueError(
                'must have at least 32 characters; make one with python -c "import secrets; print(secrets.token_urlsafe(48))"'
            )
        return value

    @field_validator("fonts_dir")
    @classmethod
    def _holds_fonts(cls, value: Path | None) -> Path | None:
        if value is None:
            return None
        if not value.is_dir():
            raise ValueError(f"{value} is no folder: make it and put fonts for packing slips into it, or unset FONTS_DIR")
        found = _fonts(value)
        if not found:
            raise ValueError(f"there is no font in {value}: put a .ttf, .otf or .ttc file into it, or unset FONTS_DIR")
        broken = ", ".join(file.name for file in found if not _is_font(file))
        if broken:
            raise ValueError(f"{broken} in {value} cannot be read as a font: put it right or take it away")
        return value

    @model_validator(mode="after")
    def _consistent(self) -> "Settings":
        if not self.stripe_webhook_secret:
            raise ValueError("STRIPE_WEBHOOK_SECRET is empty: copy it from the endpoint's page in Stripe's dashboard")
        if self.live and self.stripe_api_base:
            raise ValueError("a live Stripe key together with STRIPE_API_BASE: unset one of them")
        if self.live and self.clock_offset_file:
            raise ValueError("a live Stripe key together with CLOCK_OFFSET_FILE: the clock may only be moved in demos and tests")
        if self.live and not self.base_url.startswith("https://"):
            raise ValueError("BASE_URL must begin with https:// when a live Stripe key is set")
        return self

    @property
    def live(self) -> bool:
        """Does real money move?"""
        return "_live_" in self.stripe_secret_key.get_secret_value()

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

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments win over the environment, which wins over NAME_FILE."""
        del dotenv_settings, file_secret_settings
        return init_settings, env_settings, FromFiles(settings_cls)


def _fonts(folder: Path) -> tuple[Path, ...]:
    return tuple(sorted(file for file in folder.glob("*") if file.suffix.lower() in _FONT_KINDS))


def _is_font(file: Path) -> bool:
    try:
        with file.open("rb") as content:
            return content.read(4) in _FONT_STARTS
    except OSError:
        return False


if __name__ == "__main__":  # the supervisor asks like this, so that it need not load what reads them
    try:
        found = Settings()  # type: ignore[call-arg]  # all of them come from the environment
    except ValueError as fault:
        sys.exit(str(fault))
    sys.stdout.write(found.model_dump_json(include={"database_url", "web_processes", "web_threads"}))
