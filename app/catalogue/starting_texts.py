"""Privacy and withdrawal to begin with: what this shop does with a fan's data, and a fortnight to send something back.

They are nobody's legal advice: offered in a form, and kept only as the label sends it.
"""

import re

_BROKEN = re.compile(r"(?<=\S)\n(?=\S)")  # a line that ends here and not there


def privacy(name: str, email: str) -> str:
    """In Markdown, a line for each paragraph; of a label called this, which fans write to there."""
    return _flowing(f"""
## What we keep

Your e-mail address, your name, where we send it and what you bought: to send it, to answer you, and for our accounts. Who
wants to be reminded of a drop leaves an address; who takes a copy, a fingerprint of their network, so that one computer cannot
take them all. It stays until you have it erased, or until we need it no longer. Cards are Stripe's; we never see their numbers.

## Cookies

One, when you take a copy: it remembers that the hold is yours. Nobody is tracked here, and nothing about you is sold.

## Who else sees it

Stripe, which takes the payment; the post, which needs your address; who runs our server and our mail.

## What you may ask

*Your data*, in the foot of every page, shows what we hold about you, gives it to you as a file, and has it erased. Or write to
{email}. If you think that we do wrong, the data protection authority where you live will hear you.

{name}, as named in the imprint, answers for this.
""")


def withdrawal(name: str, email: str) -> str:
    """The same, of sending something back."""
    return _flowing(f"""
You may withdraw from your purchase within fourteen days of the day on which you, or somebody whom you named, received the last
copy of it, without giving a reason. Tell {name} so, before the fourteen days are over, by e-mail to {email} or by letter to the
address in the imprint. This is enough:

> To {name}, {email}: I withdraw from the purchase of (what) · Ordered on, received on: (dates) · Name, address, date: (yours)

## What follows

We pay back everything that you paid, with the cheapest postage that we offer, within fourteen days of hearing from you, the way
you paid; we may wait until the copies are here, or until you show that they are on their way. Send them to the address in the
imprint within fourteen days of telling us. You pay the postage of that, and for wear beyond what it takes to look at a thing.

## What it is not for

Records and data carriers that came sealed, once you have opened the seal.
""")


def _flowing(text: str) -> str:
    return _BROKEN.sub(" ", text).strip()
