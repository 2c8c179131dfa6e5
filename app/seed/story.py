"""What the demo label says about itself: its story and the texts that every shop needs."""

STORY = """
We are two people, a duplicator with five decks, and a cellar in Leipzig-Plagwitz that stays at fourteen degrees all year.
We make small things slowly: tapes, the odd record, zines that happen to be USB sticks. Every copy is numbered by hand.
When a run is gone it is gone; we would rather make the next one.
"""

IMPRINT = """
**Halbschatten**
Ada Lindqvist & Jonas Brehm GbR
Zschochersche Straße 0
04229 Leipzig, Germany

E-mail: hallo@halbschatten.example

*This is a demo label. Nobody lives here, and nothing you buy will arrive.*
"""

TERMS = """
## Who sells
Halbschatten, as named in the imprint.

## How a purchase works
Taking copies puts them aside for you for the time shown. The contract is made when your payment is authorised and your copies are
allocated to you; you hear of it by mail at once. If your payment arrives after your time and the copies are gone, your card is
not charged.

## Prices and postage
Prices are in euros and final. Postage depends on country and weight and is shown before you pay.

## Delivery
We pack on Tuesdays and Fridays. Within Germany a parcel takes two to four days, in the EU four to eight, elsewhere up to three weeks.
"""

PRIVACY = """
## What we keep
Your e-mail, your address and what you bought, for as long as the tax office asks us to. Nothing else, and nobody is tracked here.

## One cookie
When you take a copy, a cookie remembers that the hold is yours. It says nothing else about you.

## Who else sees it
Stripe, which takes the payment, and the post, which needs your address.
"""

WITHDRAWAL = """
You may withdraw from the purchase within fourteen days of receiving your parcel, without giving a reason. Write to
hallo@halbschatten.example and send the copy back; we pay back the price and the cheapest postage within fourteen days of hearing from you.
"""
