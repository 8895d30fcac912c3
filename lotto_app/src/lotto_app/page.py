"""The page."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("page", __name__)
