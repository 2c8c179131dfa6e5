"""Reads the label form."""

from zoneinfo import available_timezones

from app.catalogue.labels import LabelWords
from app.kernel.money import CURRENCIES
from app.reports import countries
from app.staff.asking import Form


def read(form: Form, currency: str | None = None) -> LabelWords:
    """What was typed; a locked currency is not asked for."""
    chosen = currency or form.one_of("currency", "Currency", CURRENCIES)
    limited = bool(form.text("refund_limit", "The limit", most=20))
    words = LabelWords(
        name=form.text("name", "Name", least=1, most=80),
        tagline=form.text("tagline", "Tagline", most=160),
        email=form.text("email", "E-mail", least=3, most=254),
        currency=chosen,
        time_zone=form.one_of("time_zone", "Time zone", zones()),
        country=form.one_of("country", "Country", countries.EVERY),
        packaging_weight=form.whole("packaging_weight", "Packaging", most=10_000),
        refund_limit=form.price("refund_limit", "The limit", chosen) if limited else None,
    )
    form.check()
    return words


def zones() -> list[str]:
    """Towns, not the abbreviations and historic names beside them."""
    return sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "SystemV/", "US/")))


def choices() -> dict[str, list[tuple[str, str]]]:
    """What the form's lists offer."""
    return {
        "zones": [(zone, zone.replace("_", " ")) for zone in zones()],
        "countries": list(countries.named(list(countries.EVERY))),
        "currencies": [(code, code) for code in CURRENCIES],
    }
