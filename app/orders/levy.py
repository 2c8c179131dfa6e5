"""As what an order is taxed, where, and at which rates: pure, from how its label keeps VAT and where the parcel goes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.orders.vat_models import TaxedAs, VatKind, VatWay
from app.orders.vat_rates import Rate, in_force

_MEMBERS = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
UNION = frozenset(_MEMBERS.split())
_WITHIN = {"MC": "FR", "IM": "GB"}  # taxed as if they were a part of the other


@dataclass(frozen=True)
class Levy:
    """How one order is taxed: `country` is whose VAT it is, rates are in basis points; `exclusive` adds it to the prices."""

    taxed_as: TaxedAs
    country: str
    standard: int = 0
    reduced: int = 0
    exclusive: bool = False

    def rate(self, kind: VatKind) -> int:
        """In basis points."""
        return self.reduced if kind is VatKind.REDUCED else self.standard

    def as_json(self) -> dict[str, Any]:
        """For keeping with a quote."""
        return {**vars(self), "taxed_as": self.taxed_as.value}


def home_of(country: str) -> str:
    """The country whose VAT counts where a label is at home here."""
    return _WITHIN.get(country, country)


def others_of_union(home: str) -> frozenset[str]:
    """The countries that are taxed as another member state than this one."""
    at_home = home_of(home)
    return frozenset(country for country in UNION | _WITHIN.keys() if _WITHIN.get(country, country) in UNION - {at_home})


def from_json(kept: dict[str, Any] | None) -> Levy | None:
    """The levy that as_json wrote."""
    return Levy(**{**kept, "taxed_as": TaxedAs(kept["taxed_as"])}) if kept else None


def levy(way: VatWay | None, home: str, destination: str, on: date, own: Iterable[Rate] = (), *, exclusive: bool = False) -> Levy:
    """How what is posted from one country to another on a day is taxed; `way` is None for a label that has not said.

    What leaves the union, or the label's country where that is outside of it, is an export and not taxed: its price stays what
    was shown, all of it net.
    """
    if way is None or way in _UNTAXED:
        return Levy(_UNTAXED[way], destination)
    goes_to, at_home = _WITHIN.get(destination, destination), _WITHIN.get(home, home)
    if goes_to != at_home and not {goes_to, at_home} <= UNION:
        return Levy(TaxedAs.EXPORT, destination, exclusive=exclusive)
    where = at_home if way is VatWay.HOME else goes_to
    taxed_as = TaxedAs.HOME if where == at_home else TaxedAs.OSS
    standard, reduced = (_points(where, kind, on, own) for kind in (VatKind.STANDARD, VatKind.REDUCED))
    return Levy(taxed_as, where, standard, reduced, exclusive)


_UNTAXED = {None: TaxedAs.UNSAID, VatWay.NONE: TaxedAs.NONE, VatWay.STRIPE: TaxedAs.STRIPE}


def _points(country: str, kind: VatKind, on: date, own: Iterable[Rate]) -> int:
    found = in_force(country, kind, on, own)
    return found.basis_points if found else 0  # a label cannot choose a way for which a rate is missing
