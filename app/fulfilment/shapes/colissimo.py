"""La Poste Colissimo, ColiShip: a line EXP per parcel, and beneath it a line CN2 per thing for customs; no heads.

Columns and their sequence, commas, grams, customs category 4 for goods that were sold: La Poste's own Magento module
(`LaPoste\\Colissimo\\Controller\\Adminhtml\\Coliship\\Export`, found in public code on 2026-11-29). Lengths: La Poste's shipping
interface. ColiShip asks for a phone number: https://www.colissimo.entreprise.laposte.fr/en/search?tour=1 (the same day).
"""

from app.fulfilment.posting import Posting, Thing
from app.fulfilment.shapes.shape import Column, Mend, Shape, major, phone


def _product(posting: Posting, _thing: Thing) -> str:
    """At home without a signature (DOM) in France, with one (DOS) elsewhere."""
    return "DOM" if posting.country in {"FR", "MC", "AD"} else "DOS"


def _empty(head: str) -> Column:
    return Column(head, lambda _p, _t: "")


COLISSIMO = Shape(
    key="colissimo",
    name="La Poste Colissimo (ColiShip)",
    carrier="La Poste",
    takes=("Colissimo",),
    source="La Poste's Magento module, Coliship/Export",
    looked_up="2026-11-29",
    unsure="Tell ColiShip the sequence of La Poste's own modules. The product codes for parcels abroad could not be confirmed.",
    signs="iso-8859-1",
    heads=False,
    posts_from=frozenset({"FR", "MC"}),
    phone_for=None,
    columns=(
        Column("EntenteLigneColis", lambda _p, _t: "EXP"),
        Column("ReferenceExpedition", lambda p, _t: p.reference, 30),
        Column("RaisonSocialeExpediteur", lambda p, _t: p.sender.name, 35, must=True, called="sender's name", mend=Mend.SENDER),
        _empty("NomCommercialChargeur"),
        _empty("PrenomExpediteur"),
        Column("Adresse1Expediteur", lambda p, _t: p.sender.line1, 35, must=True, called="sender's street", mend=Mend.SENDER),
        Column("Adresse2Expediteur", lambda p, _t: p.sender.line2, 35, called="sender's second line", mend=Mend.SENDER),
        _empty("Adresse3Expediteur"),
        _empty("Adresse4Expediteur"),
        Column("CodePostalExpediteur", lambda p, _t: p.sender.postal_code, 9, must=True, called="sender's postcode",
               mend=Mend.SENDER),
        Column("CommuneExpediteur", lambda p, _t: p.sender.city, 35, must=True, called="sender's town", mend=Mend.SENDER),
        Column("CodePaysExpediteur", lambda p, _t: p.sender.country),
        Column("MailExpediteur", lambda p, _t: p.sender.email, 80),
        Column("TelephoneExpediteur", lambda p, _t: phone(p.sender.phone), 15, called="phone number", mend=Mend.SENDER),
        _empty("RaisonSociale"),
        Column("NomDestinataire", lambda p, _t: p.name, 35, must=True, called="name"),
        _empty("Prenom"),
        Column("Adresse1", lambda p, _t: p.line1, 35, must=True, called="street"),
        Column("Adresse2", lambda p, _t: p.line2, 35, called="second line"),
        _empty("Adresse3"),
        _empty("Adresse4"),
        Column("CodePostal", lambda p, _t: p.postal_code, 9, called="postcode"),
        Column("Commune", lambda p, _t: p.city, 35, must=True, called="town"),
        Column("CodePays", lambda p, _t: p.country),
        Column("CodeISOProvince", lambda p, _t: p.region if p.country in {"US", "CA", "AU"} else "", called="region"),
        Column("Portable", lambda p, _t: phone(p.sender.phone), 15, called="phone number", mend=Mend.SENDER),
        _empty("Telephone"),
        Column("Mail", lambda p, _t: p.email, 80, called="e-mail address"),
        _empty("CodePointRetrait"),
        Column("CodeProduit", _product),
        Column("FTD", lambda _p, _t: "0"),
        Column("LangueNotification", lambda _p, _t: "fr"),
        Column("LivraisonAvecSignature", lambda p, t: "O" if _product(p, t) == "DOS" else "N"),
        Column("LivraisonSansCodeBloquant", lambda _p, _t: "O"),
        Column("Poids", lambda p, _t: str(p.weight)),
        Column("NatureEnvoi", lambda p, _t: "4" if p.customs else ""),
        _empty("MontantADV"),
        _empty("TagUsers"),
    ),
    beneath=(
        Column("EnteteLigneArticle", lambda _p, _t: "CN2"),
        Column("CN23Imprimee", lambda _p, _t: "1"),
        Column("LibelleArticle", lambda _p, t: t.what[:64]),
        Column("PoidsArticle", lambda _p, t: str(t.weight)),
        Column("Quantite", lambda _p, t: str(t.pieces)),
        Column("ValeurArticle", lambda _p, t: major(t.value)),
        Column("PaysOrigine", lambda _p, t: t.origin),
        Column("Devise", lambda p, _t: p.postage.currency),
        Column("ReferenceArticle", lambda _p, t: t.sku),
        Column("NumTarifaire", lambda _p, t: t.hs_code),
    ),
)  # fmt: skip
