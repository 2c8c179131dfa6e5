"""A label that is being set up, checks that found something, and an address that waits: for the gallery."""

from sqlalchemy import select

from app.accounts import moving, setting_up
from app.accounts.models import Staff
from app.catalogue.models import Label
from app.kernel import checkups
from app.kernel.checkups import Line, State
from app.kernel.db import transaction
from app.payments import key_check
from tests.browser.running import RunningShop

_DENIED = Line(
    State.BAD,
    "The key may not give money back.",
    "Edit the restricted key in Stripe's dashboard, give it “Charges and Refunds: write”.",
)


def stage_setup(shop: RunningShop) -> dict[str, str]:
    """Make them; the link to the new address."""
    with transaction(shop.db) as session:
        label = session.scalars(select(Label.id).order_by(Label.id)).first() or 0
        sam = session.scalars(select(Staff.id).order_by(Staff.id)).first() or 0
        row = setting_up.begin(session, label, sam, shop.now())
        for step in ("look", "texts"):
            setting_up.note_passed(session, row, step)
        setting_up.note_put_off(session, row, "stripe")  # which is denied something, below
        known = Line(State.NOTE, "Stripe knows the key. It is a test key: no real money moves.", key_check._BEFORE)
        checkups.keep(session, "stripe", [known, _DENIED], shop.now())
        checkups.keep(session, "clock", [Line(State.GOOD, "The machine's clock and Stripe's agree to two seconds.")], shop.now())
        waits = Line(State.WAITING, "The mail server took a letter to sam@elsewhere.example.", "Type the word that it brings.")
        checkups.keep(session, "mail", [waits], shop.now(), to="sam@elsewhere.example", word="0" * 32)
        found = moving.ask(session, sam, "sam@elsewhere.example", shop.now())
        return {"new_address": moving.token(shop.tokens, found)}
