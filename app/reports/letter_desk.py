"""What every letter is written with: the rows it is about, and the links in it."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from app.drops.models import Drop
from app.kernel.tokens import Tokens
from app.orders.models import Order
from app.reports import links


@dataclass(frozen=True)
class LetterDesk:
    """A session to read from, and how links are made."""

    session: Session
    base_url: str
    tokens: Tokens

    @property
    def shop(self) -> str:
        """What the shop is called where no label speaks: its address."""
        return urlsplit(self.base_url).netloc

    def order_url(self, order: Order) -> str:
        """The whole address of an order's page."""
        return self.base_url + links.order_path(self.tokens, order)

    def drop_url(self, drop: Drop) -> str:
        """The whole address of a drop's page."""
        return f"{self.base_url}/drops/{drop.slug}"
