"""When a parcel crosses a customs border, so that the slip says what is in it."""

from app.fulfilment import territories

# The customs union as posted to: member states and Monaco, but for the places in territories.py.
_MEMBERS = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MC MT NL PL PT RO SE SI SK"
UNION = frozenset(_MEMBERS.split())


def leaves(origin: str, destination: str, postal_code: str = "", from_postal_code: str = "") -> bool:
    """Does a parcel from one country (ISO 3166-1 alpha-2) to another need a customs declaration? Postcodes where they are known."""
    if not destination:
        return False
    there, here = territories.of(destination, postal_code), territories.of(origin, from_postal_code)
    if (there and there.name) != (here and here.name):  # a place may have several rows
        return True
    return origin != destination and not {origin, destination} <= UNION
