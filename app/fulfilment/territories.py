"""Places of member states that are outside the union's VAT, some of its customs as well: known by their postcodes.

Posts want a customs declaration for each of them, also from the state that it belongs to. Which they are: Directive 2006/112/EC,
Article 6 (Campione d'Italia and the waters of Lugano by Directive (EU) 2019/475, from 2020 on); that a CN22 or CN23 is wanted:
Deutsche Post's "Zollbestimmungen" and https://dpd.com/at/de/faq/die-ausfuhr-zollpflichtiger-waren; all looked up on 2026-11-30.
The postcodes are those of the national posts. Overseas departments of France have countries of their own in most address books;
the codes are for those who write France.
"""

from dataclasses import dataclass

NOT_A_SIGN = (" ", "-")
_ON_CARS = {"DE": ("D",), "ES": ("E",), "FI": ("FIN", "AX"), "FR": ("F",), "IT": ("I",)}  # put in front of postcodes by many


@dataclass(frozen=True)
class Territory:
    """One of them: whose, what its postcodes begin with, and how it is called."""

    country: str
    prefix: str
    name: str


TERRITORIES = (
    Territory("DE", "27498", "Helgoland"),
    Territory("DE", "78266", "Büsingen"),
    Territory("ES", "35", "the Canary Islands"),
    Territory("ES", "38", "the Canary Islands"),
    Territory("ES", "51", "Ceuta"),
    Territory("ES", "52", "Melilla"),
    Territory("FI", "22", "Åland"),
    Territory("FR", "97133", "Saint Barthélemy"),
    Territory("FR", "97150", "Saint Martin"),
    Territory("FR", "971", "Guadeloupe"),
    Territory("FR", "972", "Martinique"),
    Territory("FR", "973", "French Guiana"),
    Territory("FR", "974", "Réunion"),
    Territory("FR", "975", "Saint Pierre and Miquelon"),
    Territory("FR", "976", "Mayotte"),
    Territory("FR", "977", "Saint Barthélemy"),
    Territory("FR", "978", "Saint Martin"),
    Territory("FR", "986", "Wallis and Futuna"),
    Territory("FR", "987", "French Polynesia"),
    Territory("FR", "988", "New Caledonia"),
    Territory("GR", "63086", "Mount Athos"),
    Territory("GR", "63087", "Mount Athos"),
    Territory("IT", "22061", "Campione d’Italia"),
    Territory("IT", "23041", "Livigno"),
)


def of(country: str, postal_code: str) -> Territory | None:
    """The territory in which a postcode of a country lies; None where it lies in none."""
    typed = postal_code.upper()
    for sign in NOT_A_SIGN:
        typed = typed.replace(sign, "")
    return next((each for each in TERRITORIES if each.country == country and typed.startswith(begins(each))), None)


def begins(territory: Territory) -> tuple[str, ...]:
    """What its postcodes begin with, as people write them: with the country's letters in front, or without."""
    letters = ("", territory.country, *_ON_CARS.get(territory.country, ()))
    return tuple(each + territory.prefix for each in letters)
