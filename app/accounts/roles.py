"""Who may do what: one table of roles and deeds, read by the guard of every page, by the tests and by the documents."""

from enum import StrEnum


class Role(StrEnum):
    """What a person is for one label; what that lets them do is `MAY`."""

    OWNER = "owner"
    MANAGER = "manager"
    PACKER = "packer"
    ACCOUNTANT = "accountant"


class Deed(StrEnum):
    """A kind of thing to do at the desk; every page says which one it is."""

    SELF = "self"
    SEE = "see"
    PACK = "pack"
    MAKE = "make"
    CORRECT = "correct"
    GIVE_BACK = "give back"
    FANS = "fans"
    BOOKS = "books"
    SHARE = "share out"
    AUDIT = "audit"
    LABEL = "label"
    PEOPLE = "people"


_BOTH = {Deed.SELF, Deed.SEE}
_RUNNING = _BOTH | {Deed.PACK, Deed.MAKE, Deed.CORRECT, Deed.GIVE_BACK, Deed.FANS, Deed.BOOKS, Deed.SHARE, Deed.AUDIT}
MAY: dict[Role, frozenset[Deed]] = {
    Role.OWNER: frozenset(_RUNNING | {Deed.LABEL, Deed.PEOPLE}),
    Role.MANAGER: frozenset(_RUNNING),
    Role.PACKER: frozenset(_BOTH | {Deed.PACK}),
    Role.ACCOUNTANT: frozenset(_BOTH | {Deed.BOOKS, Deed.AUDIT}),
}
