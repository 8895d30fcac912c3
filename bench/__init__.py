# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Benchmarks; imports of the collection itself resolve as with ansible.cfg."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "playbooks" / "collections"))
