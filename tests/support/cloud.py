# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The AWS of a test: the corrected local AWS, or moto as a second opinion (MAGICLUB_CLOUD=moto).

``python -m tests.support.cloud up|down`` starts and stops the one that Molecule's scenarios share.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import typing as t
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MOLECULE_PORT = 4580
START_SECONDS = 60


class Cloud(t.NamedTuple):
    """One emulator: its port, its folder, and further options of C(local_aws up)."""

    port: int
    state_dir: Path
    moto: bool = False
    options: tuple[str, ...] = ()

    @property
    def endpoint(self) -> str:
        """Return the value of AWS_ENDPOINT_URL."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def calls_path(self) -> Path:
        """Return the file of the call log, which only the local AWS writes."""
        return self.state_dir / "calls.jsonl"

    def up(self) -> None:
        """Start it; return when it answers.  Raises CalledProcessError or TimeoutError if it does not."""
        self.state_dir.mkdir(parents=True, exist_ok=True)
        if self.moto:
            self._moto_up()
        else:
            self._local_aws("up")

    def down(self) -> None:
        if self.moto:
            self._moto_down()
        else:
            self._local_aws("down")

    def _local_aws(self, command: str) -> None:
        options = ["up", "--port", str(self.port), *self.options] if command == "up" else [command]
        arguments = [sys.executable, "-m", "local_aws", "--state-dir", str(self.state_dir), *options]
        subprocess.run(arguments, cwd=ROOT, check=True)

    def _moto_up(self) -> None:
        settings = {"MOTO_IAM_LOAD_MANAGED_POLICIES": "true", "MOTO_ACM_VALIDATION_WAIT": "0"}
        environment = {**os.environ, **settings}
        with (self.state_dir / "moto.log").open("wb") as log:
            server = subprocess.Popen(
                [sys.executable, "-m", "tests.support.corrected_moto", "-H", "127.0.0.1", "-p", str(self.port)],
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        (self.state_dir / "moto.pid").write_text(str(server.pid), encoding="ascii")
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and server.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.2)
        raise TimeoutError(f"moto does not answer on {self.endpoint}. See {self.state_dir / 'moto.log'}.")

    def _moto_down(self) -> None:
        pid_file = self.state_dir / "moto.pid"
        if pid_file.exists():
            os.kill(int(pid_file.read_text(encoding="ascii")), signal.SIGTERM)
            pid_file.unlink()


def free_port() -> int:
    """Return a free TCP port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def for_molecule() -> Cloud:
    """Return the emulator that all scenarios share."""
    moto = os.environ.get("MAGICLUB_CLOUD") == "moto"
    return Cloud(MOLECULE_PORT, ROOT / "build" / "molecule" / ("moto" if moto else "local_aws"), moto)


if __name__ == "__main__":
    cloud = for_molecule()
    {"up": cloud.up, "down": cloud.down}[sys.argv[1]]()
