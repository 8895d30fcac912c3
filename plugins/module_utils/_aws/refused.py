# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the collection refuses by itself.  Apart from C(errors), as the controller has no SDK of AWS."""

from __future__ import annotations


class RefusedError(Exception):
    """What was asked can't be done, or was not in the time that was given.  The text is all that a person needs."""
