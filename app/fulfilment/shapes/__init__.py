"""The shapes in which carriers' own desks take a list of parcels, one module each; a new one is added to ALL."""

from app.fulfilment.shapes.colissimo import COLISSIMO
from app.fulfilment.shapes.dhl_business import DHL_BUSINESS
from app.fulfilment.shapes.dhl_online import DHL_ONLINE
from app.fulfilment.shapes.generic import GENERIC
from app.fulfilment.shapes.pirate_ship import PIRATE_SHIP
from app.fulfilment.shapes.postnl import POSTNL
from app.fulfilment.shapes.royal_mail import ROYAL_MAIL
from app.fulfilment.shapes.shape import Shape

ALL = {
    shape.key: shape for shape in (DHL_BUSINESS, DHL_ONLINE, ROYAL_MAIL, POSTNL, COLISSIMO, PIRATE_SHIP, GENERIC)
}  # fmt: skip


def at_home(country: str) -> Shape:
    """The shape that a label in this country most likely wants."""
    return next((shape for shape in ALL.values() if country in shape.posts_from), GENERIC)
