"""What people call a time zone."""


def place(zone: str) -> str:
    """The town an IANA zone is called after: `America/New_York` is `New York`."""
    return zone.rpartition("/")[2].replace("_", " ")
