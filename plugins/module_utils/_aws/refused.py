# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The collection's own refusals.  Separate from C(errors), as the controller may have no boto3."""

from __future__ import annotations


class RefusedError(Exception):
    """A request is invalid, or was not fulfilled in time.  The text is a complete message for the user."""
