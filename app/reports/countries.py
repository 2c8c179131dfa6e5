"""Countries that a parcel may be addressed to, with their names."""

import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache

from babel import Locale

# Where Stripe's page can collect an address for; its own placeholder ZZ left out.
# https://docs.stripe.com/api/checkout/sessions/create#create_checkout_session-shipping_address_collection-allowed_countries
_CODES = """
AC AD AE AF AG AI AL AM AO AQ AR AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ
CA CD CF CG CH CI CK CL CM CN CO CR CV CW CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FO FR GA GB GD
GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HN HR HT HU ID IE IL IM IN IO IQ IS IT JE JM JO JP KE KG KH
KI KM KN KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MK ML MM MN MO MQ MR MS MT MU MV MW MX
MY MZ NA NC NE NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PY QA RE RO RS RU RW SA SB SC SD
SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SZ TA TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG US UY
UZ VA VC VE VG VN VU WF WS XK YE YT ZA ZM ZW
"""
EVERY = tuple(_CODES.split())


def name(code: str, locale: str = "en") -> str:
    """What people call a country; its code when there is no name for it."""
    return _names(locale).get(code, code)


def named(codes: Iterable[str], locale: str = "en") -> tuple[tuple[str, str], ...]:
    """Codes with their names, by name."""
    return _sorted(tuple(codes), locale)


@cache
def _names(locale: str) -> dict[str, str]:
    return {code: str(called) for code, called in Locale.parse(locale).territories.items()}


@lru_cache(64)  # of labels post to different countries
def _sorted(codes: tuple[str, ...], locale: str) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(((code, name(code, locale)) for code in codes), key=lambda pair: _plain(pair[1])))


def _plain(text: str) -> str:
    """Without accents, so that Åland stands among the As."""
    return "".join(sign for sign in unicodedata.normalize("NFD", text) if not unicodedata.combining(sign)).casefold()
