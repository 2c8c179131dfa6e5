"""Keeps shop, worker and (in the demo) the sandbox alive: one parent process that holds the listening socket."""

from app.serve.plan import Child, shop
from app.serve.ports import PortTaken, listen
from app.serve.production import Size, serve
from app.serve.supervisor import Supervisor

__all__ = ["Child", "PortTaken", "Size", "Supervisor", "listen", "serve", "shop"]
