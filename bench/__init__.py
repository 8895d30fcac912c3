# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Benchmarks; what they measure of the collection itself is imported from where ansible.cfg finds it."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "playbooks" / "collections"))
