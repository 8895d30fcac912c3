# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How often Python looks for garbage: rarely in processes that make little of it and end within seconds or minutes.

By default it looks after 700 new objects. botocore's data of one API are ten thousands, none of which is garbage, so
that looking takes a quarter of what a module takes of a processor, and once more of all when the process ends.
"""

from __future__ import annotations

import atexit
import gc

NEW_OBJECTS = 50_000
"""After which it is looked for among them: some 10 MB at most that could be free."""


def look_rarely() -> None:
    """Have Python look for garbage after I(NEW_OBJECTS), and not when this process ends."""
    gc.set_threshold(NEW_OBJECTS)
    atexit.register(gc.freeze)
