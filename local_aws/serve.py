# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The process of the local AWS: MiniStack with our corrections, confined, on loopback until SIGTERM."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import resource
import socket
from typing import Any

from hypercorn.asyncio import serve
from hypercorn.config import Config
from ministack.app import app

from local_aws import confine, for_tasks, services, settings
from local_aws.access import guarded
from local_aws.call_log import CallLog
from local_aws.corrections import apply_all, gateway, http2, task_endpoints


def main() -> None:
    logging.getLogger("hypercorn.access").setLevel(logging.WARNING)
    state = settings.state_dir()
    confine.no_programs()
    confine.no_host_access()
    services.close_side_doors()
    apply_all()
    services.switch_off_others(settings.services())
    gateway.record_calls(CallLog(settings.call_log_path(state)))
    with contextlib.suppress(ValueError, OSError):
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    config = Config()
    # for the relay of the tasks, whose requests are checked differently from those of programs on this machine
    of_tasks = socket.create_server(("127.0.0.1", 0), backlog=1024)
    task_endpoints.listens_at(of_tasks.getsockname())
    config.bind = [f"127.0.0.1:{settings.gateway_port()}", f"fd://{of_tasks.fileno()}"]
    config.keep_alive_timeout = 75
    config.backlog = 1024
    config.graceful_timeout = 1
    config.loglevel = os.environ.get("LOG_LEVEL", "INFO")
    # hypercorn has a type for each ASGI message
    answering: Any = for_tasks.beside_tasks(guarded(http2.versioned(app)), app)
    asyncio.run(serve(answering, config))


if __name__ == "__main__":
    main()
