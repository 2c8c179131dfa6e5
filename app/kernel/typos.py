"""Which e-mail address was probably meant, where a domain is nearly a well-known one; only ever a question to a person."""

from functools import lru_cache

# Those that are near each other must all be here, or the owners of one would be asked about the other.
_NAMES = """
gmail.com googlemail.com mail.com ymail.com email.com rocketmail.com
outlook.com outlook.at outlook.de outlook.es outlook.fr outlook.it
hotmail.com hotmail.be hotmail.ch hotmail.co.uk hotmail.de hotmail.es hotmail.fr hotmail.it hotmail.nl hotmail.se
live.com live.at live.be live.co.uk live.de live.dk live.fr live.it live.nl live.se msn.com
icloud.com me.com mac.com
yahoo.com yahoo.ca yahoo.co.jp yahoo.co.uk yahoo.com.au yahoo.com.br yahoo.de yahoo.es yahoo.fr yahoo.it
proton.me protonmail.com pm.me fastmail.com fastmail.fm hey.com zoho.com aol.com riseup.net
gmx.de gmx.net gmx.at gmx.ch gmx.com gmx.eu gmx.fr gmx.us web.de t-online.de freenet.de posteo.de mailbox.org
btinternet.com orange.fr free.fr sfr.fr wanadoo.fr laposte.net libero.it bluewin.ch telenet.be ziggo.nl kpnmail.nl
wp.pl o2.pl op.pl onet.pl interia.pl seznam.cz
"""
_KNOWN = frozenset(_NAMES.split())
_MOST, _LONG = 2, 8  # two slips are believed only in a domain with more letters than that


def meant(address: str) -> str | None:
    """The same address at the well-known domain that was probably meant; None where the domain may be right."""
    local, _, domain = address.rpartition("@")
    domain = domain.strip().lower()
    near = _near(domain) if local and domain else None
    return f"{local}@{near}" if near else None


@lru_cache(4096)
def _near(domain: str) -> str | None:
    """The well-known domain that was probably meant. Kept, as all domains are compared, and most fans have the same few."""
    if domain in _KNOWN:
        return None
    near = [(_slips(domain, known), known) for known in _KNOWN if abs(len(known) - len(domain)) <= _MOST]
    slips, best = min(near, default=(_MOST + 1, ""))
    return best if slips <= (_MOST if len(best) > _LONG else 1) else None


def _slips(one: str, other: str) -> int:
    """How many letters were left out, put in, mistaken, or swapped with a neighbour, to get from one word to the other."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        row = [i]
        for j, wanted in enumerate(other, 1):
            fewest = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                fewest = min(fewest, before[j - 2] + 1)
            row.append(fewest)
        before, last = last, row
    return last[-1]
