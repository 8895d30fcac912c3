# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Builds and pushes through the Docker engine's SDK."""

from __future__ import annotations

import contextlib
import os
import tempfile
import typing as t

try:
    import docker
    import docker.context
    import docker.context.config
    import docker.credentials.errors
    import docker.errors
    import docker.utils
    import requests

    DOCKER_IMPORT_ERROR = None
except ImportError as error:
    DOCKER_IMPORT_ERROR = error

from . import content
from .log import EngineError, Log, build_failure

Values = dict[str, t.Any]


def connection(host: str | None, environment: t.Mapping[str, str]) -> Values:
    """Return C(base_url) and, for TLS, C(tls) of the engine that the Docker CLI would use; raises EngineError.

    It is at I(host) or DOCKER_HOST, both with DOCKER_TLS_VERIFY and DOCKER_CERT_PATH; else in the context of
    DOCKER_CONTEXT or Docker's config.json: https://docs.docker.com/engine/manage-resources/contexts/.
    """
    given = {**environment, "DOCKER_HOST": host or environment.get("DOCKER_HOST") or ""}
    try:
        found: Values = {**docker.utils.kwargs_from_env(environment=given)}
    except (docker.errors.DockerException, OSError) as error:
        where = given.get("DOCKER_CERT_PATH") or "~/.docker"
        raise EngineError(
            f"DOCKER_TLS_VERIFY or DOCKER_CERT_PATH asks for TLS, and the certificates in {where} can't be used:"
            f" {_reason(error)}. Put ca.pem, cert.pem and key.pem there, or unset both."
        ) from error
    if found.get("base_url"):
        return found
    name = environment.get("DOCKER_CONTEXT") or docker.context.config.get_current_context_name()
    return {**found, **_of_context(name)}


def _of_context(name: str) -> Values:
    try:
        context = docker.context.ContextAPI.get_context(name)
    except Exception as error:  # the SDK raises plain exceptions for a context that it can't read
        raise EngineError(f"The Docker context '{name}' can't be read: {_reason(error)}. {_OTHER_CONTEXT}") from error
    if context is None or not context.Host:
        what = "There is no" if context is None else "There is no engine address in the"
        raise EngineError(f"{what} Docker context '{name}'. {_OTHER_CONTEXT}")
    return {"base_url": context.Host, **({"tls": context.TLSConfig} if context.TLSConfig else {})}


_OTHER_CONTEXT = (
    "Select one that 'docker context ls' shows with DOCKER_CONTEXT or 'docker context use NAME', or set docker_host or"
    " DOCKER_HOST."
)


class Engine:
    """A connection to a Docker engine."""

    def __init__(self, host: str | None, timeout: int) -> None:
        self.timeout = timeout
        if DOCKER_IMPORT_ERROR:
            raise EngineError(_no_library())
        settings = connection(host, os.environ)
        self.host = str(settings["base_url"])
        try:
            self._api = docker.APIClient(version="auto", timeout=timeout, **settings)
        except (docker.errors.DockerException, OSError) as error:
            raise EngineError(no_engine(self.host, error)) from error

    def close(self) -> None:
        """Close the connection."""
        self._api.close()

    def build(self, inputs: t.Iterable[content.Entry], reference: str, **build: t.Any) -> Log:
        """Build an image from the context I(inputs) and tag it I(reference); raises EngineError if that fails.

        I(build) are C(dockerfile), C(buildargs), C(platform) and C(target) of the engine's API.
        """
        with tempfile.TemporaryFile() as archive:
            content.write_archive(inputs, archive)
            archive.seek(0)
            messages = self._try(
                self._api.build,
                fileobj=archive,
                custom_context=True,
                tag=reference,
                rm=True,
                forcerm=True,
                decode=True,
                **build,
            )
            log = self._follow(messages)
        if log.error:
            raise EngineError(build_failure(log))
        return log

    def push(self, repository: str, tag: str, auth: Values) -> Log:
        """Push an image; a failure is in the log that is returned."""
        return self._follow(self._try(self._api.push, repository, tag=tag, stream=True, decode=True, auth_config=auth))

    def distribution(self, reference: str, auth: Values | None = None) -> Values:
        """Return descriptor and platforms of an image from its registry, without pulling it."""
        return t.cast("Values", self._try(self._api.inspect_distribution, reference, auth_config=auth))

    def remove(self, reference: str) -> None:
        """Remove a local image, unless it is missing or in use."""
        with contextlib.suppress(docker.errors.APIError):
            self._api.remove_image(reference)

    def _follow(self, messages: t.Iterable[Values]) -> Log:
        log = Log()
        try:
            return log.follow(messages)
        except (docker.errors.DockerException, requests.RequestException, OSError) as error:
            raise EngineError(
                f"The Docker engine at {self.host} stopped answering in step '{log.step}': {error}."
                " Look at the engine's log, and run again."
            ) from error

    def _try(self, call: t.Callable[..., t.Any], *args: t.Any, **kwargs: t.Any) -> t.Any:
        try:
            return call(*args, **kwargs)
        except (docker.errors.DockerException, requests.RequestException, OSError) as error:
            if "Credentials store" in str(error):
                raise EngineError(_no_helper(error)) from error
            raise EngineError(f"The Docker engine at {self.host} refused: {_reason(error)}.") from error
        except docker.credentials.errors.StoreError as error:
            raise EngineError(_no_helper(error)) from error


def no_engine(host: str, error: Exception) -> str:
    """Return the error message for an engine that does not answer, with the next step."""
    return (
        f"No Docker engine answers at {host}: {_reason(error)}. Building an image needs one."
        " Start it (systemctl start docker), name another with docker_host, DOCKER_HOST or DOCKER_CONTEXT,"
        " let this user use it (group docker), or give an image that exists instead of a build."
    )


def _no_helper(error: Exception) -> str:
    return (
        f"The credential helper that Docker's config.json names failed: {_reason(error)}."
        " Install it, or set DOCKER_CONFIG to a folder whose config.json names none."
    )


def _no_library() -> str:
    return (
        f"The Docker SDK for Python can't be imported: {DOCKER_IMPORT_ERROR}."
        " Install it for the interpreter that runs this module: pip install docker."
    )


def _reason(error: Exception) -> str:
    return str(getattr(error, "explanation", None) or error).strip().rstrip(".")
