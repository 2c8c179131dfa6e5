"""Imports every table once, for Alembic and for the tests."""

from app.accounts import founding, moving, setting_up
from app.accounts import models as accounts
from app.catalogue import logos, making
from app.catalogue import maker_models as makers
from app.catalogue import models as catalogue
from app.drops import models as drops
from app.fulfilment import models as fulfilment
from app.fulfilment import preorder_rows
from app.inventory import delivery_models as deliveries
from app.inventory import models as inventory
from app.kernel import alerts, checkups, findings, heartbeat, outbox, throttle
from app.kernel.schema import Base
from app.orders import models as orders
from app.orders import vat_models as vat
from app.payments import fee_models as fees
from app.payments import models as payments
from app.privacy import models as privacy

metadata = Base.metadata

__all__ = [
    "accounts",
    "alerts",
    "catalogue",
    "checkups",
    "deliveries",
    "drops",
    "fees",
    "findings",
    "founding",
    "fulfilment",
    "heartbeat",
    "inventory",
    "logos",
    "makers",
    "making",
    "metadata",
    "moving",
    "orders",
    "outbox",
    "payments",
    "preorder_rows",
    "privacy",
    "setting_up",
    "throttle",
    "vat",
]
