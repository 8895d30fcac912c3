# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where plugins print: on stdout, unless the callback there promises a form of its own, as JSON."""

from __future__ import annotations

import typing as t

from ansible import constants

from . import advice

FORMED = ("json", "jsonl", "minimal", "oneline", "tree")
"""Stdout callbacks whose output other programs read; our lines go to stderr beside them."""


def line(display: t.Any, text: str) -> None:
    """Print a line by Ansible's Display, which a worker hands to the main process."""
    formed = str(constants.DEFAULT_STDOUT_CALLBACK).rpartition(".")[2] in FORMED
    display.display(advice.told(text), **({"stderr": True} if formed else {}))
