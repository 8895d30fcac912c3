# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The acceptance run on a real account; it uses the collection's own readers, so their folder is on the path."""

import sys

from tests.support.cloud import ROOT

sys.path.insert(0, str(ROOT / "playbooks" / "collections"))
