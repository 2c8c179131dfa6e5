"""How the front and the processes behind it speak: one whole value after the other, each with its length before it."""

import marshal
import socket
import struct
from typing import Any

HEAD = struct.Struct("!I")


def pack(value: Any) -> bytes:
    """One value of plain types, ready to be sent. Both ends are forks of one program, so `marshal` will do."""
    body = marshal.dumps(value)
    return HEAD.pack(len(body)) + body


def receive(line: socket.socket) -> Any:
    """The next value; EOFError when the other end is gone."""
    (length,) = HEAD.unpack(_exactly(line, HEAD.size))
    return marshal.loads(_exactly(line, length))  # noqa: S302 - from our own fork


def _exactly(line: socket.socket, size: int) -> bytes:
    parts, left = [], size
    while left:
        part = line.recv(left)
        if not part:
            raise EOFError
        parts.append(part)
        left -= len(part)
    return b"".join(parts)
