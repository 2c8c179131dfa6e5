"""When a parcel crosses a customs border, so that the slip says what is in it."""

# The customs union as posted to: member states and Monaco. Their far islands are treated like the mainland here.
_MEMBERS = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MC MT NL PL PT RO SE SI SK"
UNION = frozenset(_MEMBERS.split())


def leaves(origin: str, destination: str) -> bool:
    """Does a parcel from one country (ISO 3166-1 alpha-2) to another need a customs declaration?"""
    return bool(destination) and origin != destination and not {origin, destination} <= UNION
