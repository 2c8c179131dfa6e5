"""Binds the shop's address, and says in one sentence when somebody else has it."""

import errno
import os
import socket

SYSTEMD_FD = 3


class PortTaken(Exception):
    """The address cannot be listened on; the message is meant for a person."""


def listen(host: str, port: int, *, why: str = "the shop") -> socket.socket:
    """A listening TCP socket on host:port, which children may inherit; raises PortTaken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
        sock.listen(2048)
    except OSError as fault:
        sock.close()
        raise PortTaken(_sentence(host, port, why, fault)) from fault
    return sock


def inherited() -> socket.socket | None:
    """The listening socket that systemd holds for us and hands over, or None; it stays open while we are started again."""
    if os.environ.get("LISTEN_PID") != str(os.getpid()) or os.environ.get("LISTEN_FDS") != "1":
        return None
    for name in ("LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"):
        os.environ.pop(name, None)  # it is not meant for children
    return socket.socket(fileno=SYSTEMD_FD)


def must_be_free(host: str, port: int, *, why: str) -> None:
    """Raise PortTaken unless host:port could be listened on now; a child will bind it in a moment."""
    listen(host, port, why=why).close()


def _sentence(host: str, port: int, why: str, fault: OSError) -> str:
    if fault.errno == errno.EADDRINUSE:
        return f"Port {port} on {host} is taken, and {why} needs it: stop what uses it, or choose another with PORT=."
    if fault.errno == errno.EACCES:
        return f"Port {port} on {host} is not ours to open, and {why} needs it: choose one above 1023 with PORT=."
    return f"Cannot listen on {host} port {port} for {why}: {fault.strerror}."


def answers(host: str, port: int) -> bool:
    """Does somebody listen there?"""
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True
