"""The back office as one blueprint, guarded as a whole."""

from flask import Blueprint

from app.staff import guard

bp = Blueprint("staff", __name__, url_prefix="/staff")
bp.before_request(guard.check_request)
