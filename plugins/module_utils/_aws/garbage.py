# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Make Python's garbage collector run rarely, in processes that create little garbage and end within minutes.

By default it runs after 700 new objects.  botocore's data of one API are tens of thousands of objects, none of which is
garbage: collections would take a quarter of a module's processor time, and another one runs when the process ends.
"""

from __future__ import annotations

import atexit
import gc

NEW_OBJECTS = 50_000
"""At most some 10 MB of garbage between two collections."""


def collect_rarely() -> None:
    """Collect garbage after each I(NEW_OBJECTS) new objects only, and not when this process ends."""
    gc.set_threshold(NEW_OBJECTS)
    atexit.register(gc.freeze)
