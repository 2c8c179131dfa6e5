"""Binds the shop's address, and says in one sentence when somebody else has it."""

import errno
import socket


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
