"""Where a parcel can be followed, for the carriers that small labels use."""

from urllib.parse import quote

TRACKING = {
    "DHL": "https://www.dhl.com/global-en/home/tracking.html?tracking-id={}",
    "Deutsche Post": "https://www.deutschepost.de/de/s/sendungsverfolgung.html?piececode={}",
    "Hermes": "https://www.myhermes.de/empfangen/sendungsverfolgung/sendungsinformation/#{}",
    "DPD": "https://tracking.dpd.de/parcelstatus?query={}",
    "GLS": "https://gls-group.com/track/{}",
    "UPS": "https://www.ups.com/track?tracknum={}",
    "FedEx": "https://www.fedex.com/fedextrack/?trknbr={}",
    "Royal Mail": "https://www.royalmail.com/track-your-item#/tracking-results/{}",
    "La Poste": "https://www.laposte.fr/outils/suivre-vos-envois?code={}",
    "PostNL": "https://postnl.nl/tracktrace/?B={}",
    "Österreichische Post": "https://www.post.at/sv/sendungssuche?snr={}",
    "Swiss Post": "https://service.post.ch/ekp-web/ui/entry/search/{}",
    "USPS": "https://tools.usps.com/go/TrackConfirmAction?tLabels={}",
}


def choices(*named: str) -> list[str]:
    """The carriers to choose from: those that we know, then those that a label names itself."""
    return list(dict.fromkeys([*TRACKING, *filter(None, named)]))


def tracking_link(carrier: str, tracking: str) -> str:
    """The carrier's page for a tracking number; empty for carriers that we do not know."""
    pattern = TRACKING.get(carrier.strip())
    return pattern.format(quote(tracking.strip(), safe="")) if pattern and tracking.strip() else ""
