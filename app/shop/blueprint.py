"""The public site as one blueprint."""

from flask import Blueprint

bp = Blueprint("shop", __name__)
