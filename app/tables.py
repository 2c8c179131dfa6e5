"""Imports every table once, for Alembic and for the tests."""

from app.accounts import models as accounts
from app.catalogue import maker_models as makers
from app.catalogue import models as catalogue
from app.drops import models as drops
from app.fulfilment import models as fulfilment
from app.inventory import models as inventory
from app.kernel import alerts, findings, heartbeat, outbox, throttle
from app.kernel.schema import Base
from app.orders import models as orders
from app.orders import vat_models as vat
from app.payments import fee_models as fees
from app.payments import models as payments

metadata = Base.metadata

__all__ = [
    "accounts",
    "alerts",
    "catalogue",
    "drops",
    "fees",
    "findings",
    "fulfilment",
    "heartbeat",
    "inventory",
    "makers",
    "metadata",
    "orders",
    "outbox",
    "payments",
    "throttle",
    "vat",
]
