# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Build the pages of modules, filters and roles from their documentation: ``python -m tests.checks.docs [--check]``.

With ``--check`` Sphinx reads them and follows their references, but writes no HTML, in a quarter of the time.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import typing as t

from ..support.cloud import ROOT

FOLDER = ROOT / "build" / "docs"


def main(arguments: t.Sequence[str]) -> int:
    """Write the pages to build/docs/html, or only check them; return 1 if a page has a mistake."""
    checking = list(arguments) == ["--check"]
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True, mode=0o755)
    environment = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(ROOT / "playbooks" / "collections")}
    options = ["--use-current", "--squash-hierarchy", "--dest-dir"]
    sources = FOLDER / "rst"
    sources.mkdir(mode=0o755)
    # references to Ansible's own pages need the network, so they are not checked
    steps = [
        ["antsibull-docs", "sphinx-init", *options, str(FOLDER), "magiclub.fargate"],
        [
            "antsibull-docs",
            "--config-file",
            "antsibull-docs.cfg",
            "collection",
            "--fail-on-error",
            *options,
            str(sources),
            "magiclub.fargate",
        ],
        [
            "sphinx-build",
            "-q",
            "-W",
            "--keep-going",
            "-D",
            "suppress_warnings=ref.ref,ref.envvar",
            "-c",
            ".",
            "-b",
            "dummy" if checking else "html",
            "rst",
            "html",
        ],
    ]
    for step in steps:
        if step[0] == "sphinx-build":
            with (FOLDER / "conf.py").open("a", encoding="utf-8") as configuration:
                configuration.write("\nintersphinx_mapping = {}\n")
        if subprocess.run(step, cwd=FOLDER, env=environment, stdout=subprocess.DEVNULL, check=False).returncode:
            print(f"Failed: {' '.join(step)}")
            return 1
    print("The pages are well." if checking else f"The pages are in {FOLDER.relative_to(ROOT)}/html/index.html.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
