"""`python -m app.gate faults.warm:shop`: every page is read before the fork, so that whoever takes a dead one's place need not."""

from importlib import import_module

from flask import Flask

from app.web.pages import compile_all

shop: Flask = import_module("wsgi").app
compile_all(shop)
