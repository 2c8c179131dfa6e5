"""What is said to a visitor: a status, headers and bytes."""

from dataclasses import dataclass

Headers = list[tuple[str, str]]


@dataclass(frozen=True)
class Answer:
    """One whole answer. `file` is a path that is sent in place of `body`, or its `part`: first byte, last byte + 1."""

    status: int
    headers: Headers
    body: bytes = b""
    file: str = ""
    part: tuple[int, int] | None = None
