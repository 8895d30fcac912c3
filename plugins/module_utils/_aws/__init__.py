# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Calls, errors, retries, tags, waiting.  Every module of the collection imports this package first."""

from __future__ import annotations

import zipimport

from .garbage import collect_rarely

# in Ansible's zip the process runs this module only, and imports boto3 next
if isinstance(getattr(__spec__, "loader", None), zipimport.zipimporter):
    collect_rarely()
