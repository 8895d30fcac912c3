# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import json
import os
import subprocess
import sys
import types
from pathlib import Path

import boto3
import docker.credentials.errors
import docker.errors
import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.errors import RefusedError
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecr import engine, image, log, wheels
from botocore.stub import Stubber

URI = "123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/lotto"
DIGEST = "sha256:" + "a" * 64
OTHER = "sha256:" + "b" * 64
SECRET = "s3cr3t-of-the-registry"
MANIFEST_TYPE = "application/vnd.oci.image.index.v1+json"


def lines(*texts):
    return [{"stream": text + "\n"} for text in texts]


FAILED_BUILD = [
    *lines("Step 1/3 : FROM base", " ---> 8b08796edcae", "Step 2/3 : RUN make", " ---> Running in 1", "one"),
    *lines("\x1b[91mtwo", "\x1b[0m", "Removing intermediate container 1"),
    {"errorDetail": {"code": 2, "message": "The command '/bin/sh -c make' returned a non-zero code: 2"}, "error": "x"},
]


def test_a_failed_build_names_its_step_and_the_step_s_last_lines():
    text = log.build_failure(log.Log().follow(FAILED_BUILD))
    assert text.splitlines() == [
        "The image build failed in step 'RUN make': The command '/bin/sh -c make' returned a non-zero code: 2",
        "  one",
        "  two",
        "Fix the step and run again: the steps before it are cached.",
    ]


def test_only_the_last_lines_of_the_step_are_kept():
    followed = log.Log(last_lines=2).follow(lines("Step 1/1 : RUN x", "a", "", "b", "c"))
    assert followed.lines == ["b", "c"]


@pytest.mark.parametrize(
    ("messages", "advice"),
    [
        ([*lines("Step 1/2 : FROM nowhere:1"), {"error": "manifest unknown"}], "The base image is not on the engine"),
        ([*lines("Step 2/2 : RUN x"), {"error": "exec format error"}], "can't run programs of this platform"),
        ([*lines("Step 2/2 : RUN x"), {"error": "the --mount option requires BuildKit"}], "with the buildx component"),
        (
            [*lines("Step 2/2 : RUN x", "x: exec format error"), {"error": "code 1"}],
            "can't run programs of this platform",
        ),
        ([{"error": "dockerfile parse error"}], "failed before its first step: dockerfile parse error"),
    ],
)
def test_a_failed_build_says_what_to_do(messages, advice):
    assert advice in log.build_failure(log.Log().follow(messages))


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        ("dial tcp: lookup x: no such host", "does not reach the registry"),
        ("denied: User is not authorized", "Give the caller ecr:InitiateLayerUpload"),
        ("received unexpected HTTP status: 500", "Run again"),
    ],
)
def test_a_failed_push_says_what_to_do(error, advice):
    assert advice in log.push_failure("r:t", log.Log().follow([{"error": error}]))


class Docker:
    """Stands in for the engine: remembers what it was asked for and answers as told."""

    def __init__(self, push=None):
        self.built = []
        self.pushed = []
        self.removed = []
        self._push = push if push is not None else [{"aux": {"Tag": "t", "Digest": DIGEST, "Size": 1}}]

    def build(self, inputs, reference, **arguments):
        self.built.append((sorted(entry.path for entry in inputs), reference, arguments))

    def push(self, repository, tag, auth):
        self.pushed.append((repository, tag, auth))
        return log.Log().follow(self._push)

    def remove(self, reference):
        self.removed.append(reference)


@pytest.fixture
def context(tmp_path):
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    (tmp_path / "requirements.txt").write_text("# pinned\nflask==3.1.3  # web\n\n")
    return tmp_path


@pytest.fixture
def options(context):
    return {
        "path": str(context),
        "dockerfile": "Dockerfile",
        "build_args": {"BASE": "b"},
        "provenance_args": {"REVISION": 7},
        "platform": "linux/arm64",
        "target": None,
        "secrets": {},
        "extra_files": [],
        "python_wheels": None,
        "repository": "lotto",
        "docker_host": None,
        "timeout": 5,
        "keep_local": True,
        "image": None,
    }


@pytest.fixture(autouse=True)
def _classic(monkeypatch):
    """Build by the engine's stand-in, whatever Docker CLI this machine has."""
    monkeypatch.setenv("DOCKER_BUILDKIT", "0")


@pytest.fixture
def ecr():
    client = boto3.client("ecr", region_name="ap-northeast-2", aws_access_key_id="A", aws_secret_access_key="x")
    with Stubber(client) as stubber:
        yield types.SimpleNamespace(client=client, stub=stubber)
        stubber.assert_no_pending_responses()


def there(ecr, tag, *digests):
    ecr.stub.add_response(
        "describe_images",
        {"imageDetails": [{"imageDigest": digest} for digest in digests]},
        {"repositoryName": "lotto", "imageIds": [{"imageTag": tag}]},
    )


def repository(ecr):
    ecr.stub.add_response(
        "describe_repositories", {"repositories": [{"repositoryUri": URI}]}, {"repositoryNames": ["lotto"]}
    )


def tag_of(options):
    return image.tag(options, image.inputs(options))


def ensure(ecr, options, monkeypatch, docker=None, check=False):
    def start(host, timeout):
        assert docker is not None, "No engine is needed here"
        return docker

    monkeypatch.setattr(engine, "Engine", start)
    return image.ensure(ecr.client, options, check, lambda: {"username": "AWS", "password": SECRET})


@pytest.mark.parametrize("check", [True, False])
def test_an_image_that_ecr_has_is_neither_built_nor_pushed(ecr, options, monkeypatch, check):
    repository(ecr)
    there(ecr, tag_of(options), DIGEST)
    assert ensure(ecr, options, monkeypatch, check=check) == {
        "changed": False,
        "image": {
            "repository": "lotto",
            "tag": tag_of(options),
            "digest": DIGEST,
            "uri": f"{URI}@{DIGEST}",
            "architectures": ["ARM64"],
        },
    }


def test_check_mode_tells_the_tag_and_needs_no_engine(ecr, options, monkeypatch):
    repository(ecr)
    there(ecr, tag_of(options))
    result = ensure(ecr, options, monkeypatch, check=True)
    assert result["changed"] is True
    assert (result["image"]["tag"], result["image"]["digest"], result["image"]["uri"]) == (tag_of(options), None, None)


@pytest.mark.parametrize(("src", "cause"), [("gone.conf", "No such file"), ("", "Is a directory")])
def test_a_file_of_the_image_that_can_not_be_read_is_named(ecr, options, context, src, cause):
    options["extra_files"] = [{"path": "app.conf", "src": str(context / src), "content": None}]
    with pytest.raises(RefusedError) as caught:
        image.lookup(ecr.client, None, options)
    assert str(caught.value).startswith("A file of the image can't be read: ")
    assert cause in str(caught.value)
    assert str(context / src) in str(caught.value)


def test_check_mode_does_without_a_repository(ecr, options, monkeypatch):
    ecr.stub.add_client_error("describe_repositories", "RepositoryNotFoundException")
    assert ensure(ecr, options, monkeypatch, check=True)["changed"] is True


def test_a_missing_repository_is_named_before_anything_is_built(ecr, options, monkeypatch):
    ecr.stub.add_client_error("describe_repositories", "RepositoryNotFoundException")
    with pytest.raises(RefusedError, match="No ECR repository is named lotto"):
        ensure(ecr, options, monkeypatch)


@pytest.mark.parametrize("keep", [True, False])
def test_builds_and_pushes_what_is_not_there(ecr, options, monkeypatch, keep):
    options["keep_local"] = keep
    repository(ecr)
    there(ecr, tag_of(options))
    docker = Docker()
    result = ensure(ecr, options, monkeypatch, docker)
    assert (result["changed"], result["image"]["digest"]) == (True, DIGEST)
    reference = f"{URI}:{tag_of(options)}"
    assert docker.built == [
        (
            ["Dockerfile", "requirements.txt"],
            reference,
            {
                "dockerfile": "Dockerfile",
                "buildargs": {"BASE": "b", "REVISION": "7"},
                "platform": "linux/arm64",
                "target": None,
            },
        )
    ]
    assert docker.pushed == [(URI, tag_of(options), {"username": "AWS", "password": SECRET})]
    assert docker.removed == ([] if keep else [reference])


def manifest_of(ecr, text):
    """Have ECR hand out a manifest."""
    found = {"imageManifest": text, "imageManifestMediaType": "application/vnd.oci.image.manifest.v1+json"}
    ecr.stub.add_response("batch_get_image", {"images": [found]})


@pytest.mark.parametrize("is_there", [False, True], ids=["new", "put by another run"])
def test_an_image_for_both_platforms_is_one_of_each_and_their_index(ecr, options, monkeypatch, is_there):
    options["platform"] = "linux/amd64,linux/arm64"
    monkeypatch.setattr(image.buildkit, "obstacle", lambda *_given, **_more: "")
    tag = tag_of(options)
    repository(ecr)
    there(ecr, tag)
    manifest_of(ecr, "{ 1 }")
    manifest_of(ecr, "{ 22 }")
    entry = {"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": DIGEST}
    manifests = [
        {**entry, "size": 5, "platform": {"os": "linux", "architecture": "amd64"}},
        {**entry, "size": 6, "platform": {"os": "linux", "architecture": "arm64"}},
    ]
    kind = "application/vnd.docker.distribution.manifest.list.v2+json"
    asked = {
        "repositoryName": "lotto",
        "imageTag": tag,
        "imageManifest": json.dumps({"schemaVersion": 2, "mediaType": kind, "manifests": manifests}, sort_keys=True),
        "imageManifestMediaType": kind,
    }
    if is_there:
        ecr.stub.add_client_error("put_image", "ImageTagAlreadyExistsException", expected_params=asked)
        there(ecr, tag, OTHER)
    else:
        ecr.stub.add_response("put_image", {"image": {"imageId": {"imageDigest": OTHER, "imageTag": tag}}}, asked)
    docker = Docker()
    result = ensure(ecr, options, monkeypatch, docker)
    built = [(reference, given["platform"]) for _files, reference, given in docker.built]
    assert built == [(f"{URI}:{tag}-amd64", "linux/amd64"), (f"{URI}:{tag}-arm64", "linux/arm64")]
    assert [tag for _uri, tag, _auth in docker.pushed] == [f"{tag}-amd64", f"{tag}-arm64"]
    assert result["image"] == {
        "repository": "lotto",
        "tag": tag,
        "digest": OTHER,
        "uri": f"{URI}@{OTHER}",
        "architectures": ["X86_64", "ARM64"],
    }


IMMUTABLE = [{"error": "tag invalid: The image tag 't' already exists in the repository and it's immutable"}]


def test_another_run_that_pushed_first_is_fine(ecr, options, monkeypatch):
    repository(ecr)
    there(ecr, tag_of(options))
    there(ecr, tag_of(options), OTHER)
    result = ensure(ecr, options, monkeypatch, Docker(push=IMMUTABLE))
    assert (result["changed"], result["image"]["digest"]) == (False, OTHER)


def test_an_engine_that_tells_no_digest_is_not_believed_without_ecr(ecr, options, monkeypatch):
    repository(ecr)
    there(ecr, tag_of(options))
    there(ecr, tag_of(options), OTHER)
    result = ensure(ecr, options, monkeypatch, Docker(push=[]))
    assert (result["changed"], result["image"]["digest"]) == (True, OTHER)


@pytest.mark.parametrize("error", ["denied: not authorized", "tag is immutable"])
def test_a_push_that_failed_is_an_error_and_keeps_the_secret(ecr, options, monkeypatch, error):
    repository(ecr)
    there(ecr, tag_of(options))
    there(ecr, tag_of(options))
    with pytest.raises(log.EngineError) as failure:
        ensure(ecr, options, monkeypatch, Docker(push=[{"error": error}]))
    assert error in str(failure.value)
    assert SECRET not in str(failure.value)


def test_a_failure_that_is_not_about_the_tag_is_not_taken_for_another_run(ecr, options, monkeypatch):
    repository(ecr)
    there(ecr, tag_of(options))
    there(ecr, tag_of(options), OTHER)
    with pytest.raises(log.EngineError):
        ensure(ecr, options, monkeypatch, Docker(push=[{"error": "blob upload invalid"}]))


WHEELS = {"requirements": "requirements.txt", "packages": ["pip==25.3"], "python_version": "3.13", "folder": "wheels"}


def test_the_pip_command_is_for_the_image_and_not_for_this_machine():
    files = ["/c/requirements.txt", "/t/packages.txt"]
    assert wheels.command(files, WHEELS, "linux/arm64", "/w", python="py") == [
        "py", "-m", "pip", "download", "--disable-pip-version-check", "--no-input", "--quiet",
        "--only-binary=:all:", "--implementation", "cp", "--python-version", "3.13",
        "--platform", "manylinux_2_28_aarch64", "--platform", "manylinux_2_17_aarch64",
        "--platform", "manylinux2014_aarch64",
        "--dest", "/w", "--requirement", "/c/requirements.txt", "--requirement", "/t/packages.txt",
    ]  # fmt: skip


def test_fetched_wheels_are_built_in_and_do_not_stay(ecr, options, monkeypatch):
    options["python_wheels"] = WHEELS
    folders = []

    def pip(command, **_keywords):
        folder = Path(command[command.index("--dest") + 1])
        folders.append(folder)
        (folder / "flask-3.1.3-py3-none-any.whl").write_text("wheel")
        return types.SimpleNamespace(returncode=0)

    monkeypatch.setattr(wheels.subprocess, "run", pip)
    monkeypatch.setattr(wheels.fetch, "__defaults__", (pip,))
    repository(ecr)
    there(ecr, tag_of(options))
    docker = Docker()
    ensure(ecr, options, monkeypatch, docker)
    assert "wheels/flask-3.1.3-py3-none-any.whl" in docker.built[0][0]
    assert not folders[0].exists()


@pytest.mark.parametrize("packages", [[], ["pip==25.3 --hash=sha256:0"], ["pip==25.3", "wheel"]])
def test_packages_are_lines_of_a_requirements_file(tmp_path, packages):
    read = []

    def pip(command, **_keywords):
        files = [command[n + 1] for n, word in enumerate(command) if word == "--requirement"]
        read.extend(Path(file).read_text() for file in files[1:])
        return types.SimpleNamespace(returncode=0)

    wheels.fetch("requirements.txt", {**WHEELS, "packages": packages}, "linux/amd64", str(tmp_path), run=pip)
    assert "".join(read).splitlines() == packages


def test_comments_of_the_requirements_do_not_count():
    first = wheels.inputs("# c\nflask==3.1.3  # web\n\n", WHEELS, "linux/amd64")
    assert first["requirements"] == ["flask==3.1.3"]
    assert first == wheels.inputs("flask==3.1.3\n", WHEELS, "linux/amd64")


@pytest.mark.parametrize(
    ("output", "advice"),
    [
        ("ERROR: No matching distribution found for x==9", "Pin a version that has a wheel"),
        (
            "WARNING: Retrying (Retry(total=0, connect=None, read=None, redirect=None, status=None)) after connection"
            " broken by 'NewConnectionError(...)': /simple/x/\nERROR: No matching distribution found for x==9",
            "Check this machine's access to the package index",
        ),
        ("/usr/bin/python3: No module named pip", "Install pip"),
        (
            "ERROR: In --require-hashes mode, all requirements must\n    pip==25.3 --hash=sha256:0",
            "all need one: give pac",
        ),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES\n  Got 0", "The index served another file than the pinned one"),
        ("ERROR: Could not find a version\nConnection refused", "Check this machine's access to the package index"),
    ],
)
def test_why_there_are_no_wheels(context, output, advice):
    def pip(command, **_keywords):
        return types.SimpleNamespace(returncode=1, stderr=output, stdout="")

    with pytest.raises(RefusedError) as failure:
        wheels.fetch("requirements.txt", WHEELS, "linux/amd64", str(context), run=pip)
    assert advice in str(failure.value)
    assert "CPython 3.13 on linux/amd64" in str(failure.value)
    assert output.splitlines()[-1] in str(failure.value)


def test_an_image_in_ecr_is_looked_up_in_its_account_and_region(ecr, options):
    options["image"] = "210987654321.dkr.ecr.us-east-1.amazonaws.com/base/app:v1"
    asked = []
    ecr.stub.add_response(
        "describe_images",
        {"imageDetails": [{"imageDigest": DIGEST}]},
        {"repositoryName": "base/app", "imageIds": [{"imageTag": "v1"}], "registryId": "210987654321"},
    )
    index = '{"manifests": [{"platform": {"os": "linux", "architecture": "arm64"}}]}'
    ecr.stub.add_response(
        "batch_get_image", {"images": [{"imageManifest": index, "imageManifestMediaType": MANIFEST_TYPE}]}
    )
    found, warnings = image.existing(lambda region: asked.append(region) or ecr.client, options)
    assert asked == ["us-east-1"]
    assert warnings == []
    assert found == {
        "repository": "base/app",
        "tag": "v1",
        "digest": DIGEST,
        "uri": f"210987654321.dkr.ecr.us-east-1.amazonaws.com/base/app@{DIGEST}",
        "architectures": ["ARM64"],
    }


def test_an_image_that_is_not_in_ecr_is_an_error(ecr, options):
    options["image"] = "210987654321.dkr.ecr.us-east-1.amazonaws.com/base/app:v1"
    ecr.stub.add_client_error("describe_images", "ImageNotFoundException")
    with pytest.raises(RefusedError, match="in ECR of account 210987654321"):
        image.existing(lambda region: ecr.client, options)


class Registry:
    """Stands in for an engine that asks a registry."""

    def __init__(self, answer):
        self.answer = answer

    def __call__(self, host, timeout):
        return self

    def distribution(self, reference):
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def test_an_image_elsewhere_is_looked_up_by_the_engine(options, monkeypatch):
    options["image"] = "public.ecr.aws/nginx/nginx:1.29"
    platforms = [{"os": "linux", "architecture": "arm64"}, {"os": "linux", "architecture": "s390x"}]
    monkeypatch.setattr(engine, "Engine", Registry({"Descriptor": {"digest": DIGEST}, "Platforms": platforms}))
    found, warnings = image.existing(None, options)
    assert (found["uri"], found["architectures"], warnings) == (
        f"public.ecr.aws/nginx/nginx@{DIGEST}",
        ["ARM64"],
        [],
    )


def test_a_digest_is_taken_with_a_warning_where_its_registry_can_not_be_asked(options, monkeypatch):
    options["image"] = f"public.ecr.aws/nginx/nginx@{DIGEST}"
    monkeypatch.setattr(engine, "Engine", Registry(log.EngineError("no way there")))
    found, (warning,) = image.existing(None, options)
    assert found["uri"] == options["image"]
    assert "no way there" in warning


def test_a_tag_is_an_error_where_its_registry_can_not_be_asked(options, monkeypatch):
    options["image"] = "public.ecr.aws/nginx/nginx:1.29"
    monkeypatch.setattr(engine, "Engine", Registry(log.EngineError("no way there")))
    with pytest.raises(RefusedError, match="no way there"):
        image.existing(None, options)


def test_a_bad_reference_is_an_error(options):
    options["image"] = "nginx"
    with pytest.raises(RefusedError, match="has neither tag nor digest"):
        image.existing(None, options)


def test_no_engine_is_said_with_what_to_do(monkeypatch):
    def refuse(**_keywords):
        raise docker.errors.DockerException("no such file.")

    monkeypatch.setattr(engine.docker, "APIClient", refuse)
    with pytest.raises(log.EngineError) as failure:
        engine.Engine("unix:///nowhere/docker.sock", 5)
    assert "No Docker engine answers at unix:///nowhere/docker.sock: no such file. Building" in str(failure.value)
    assert "docker_host" in str(failure.value)


class Api:
    """Stands in for the client of the Docker SDK."""

    def __init__(self, messages=(), error=None):
        self.messages = messages
        self.error = error
        self.context = b""

    def build(self, fileobj, **arguments):
        self.context = fileobj.read()
        self.arguments = arguments
        return self._answer()

    def push(self, repository, **arguments):
        return self._answer()

    def _answer(self):
        yield from self.messages
        if self.error:
            raise self.error


@pytest.fixture
def started(monkeypatch):
    def start(api):
        monkeypatch.setattr(engine.docker, "APIClient", lambda **_keywords: api)
        return engine.Engine(None, 5)

    return start


def test_the_engine_is_sent_the_archive_and_the_reference(started, options):
    api = Api(lines("Step 1/1 : FROM scratch"))
    started(api).build(image.inputs(options), "r:t", dockerfile="Dockerfile", buildargs={})
    assert b"FROM scratch" in api.context
    assert (api.arguments["tag"], api.arguments["custom_context"], api.arguments["forcerm"]) == ("r:t", True, True)


def test_an_engine_that_stops_answering_is_said_with_its_step(started, options):
    api = Api(lines("Step 1/1 : RUN long"), docker.errors.DockerException("gone"))
    with pytest.raises(log.EngineError, match="stopped answering in step 'RUN long': gone"):
        started(api).build(image.inputs(options), "r:t")


def test_a_failing_build_is_an_error(started, options):
    with pytest.raises(log.EngineError, match="failed in step 'RUN make'"):
        started(Api(FAILED_BUILD)).build(image.inputs(options), "r:t")


def test_a_refused_call_is_an_error(started, monkeypatch):
    api = types.SimpleNamespace()

    def refuse(*_arguments, **_keywords):
        raise docker.errors.APIError("500", explanation="it is full.")

    api.inspect_distribution = refuse
    with pytest.raises(log.EngineError, match=r"unix:///var/run/docker.sock refused: it is full\.$"):
        started(api).distribution("r:t")


@pytest.mark.parametrize(
    "error",
    [
        docker.errors.DockerException("Credentials store error: gcloud is not installed"),
        docker.credentials.errors.StoreError("docker-credential-desktop not installed"),
    ],
)
def test_a_credential_helper_that_is_missing_is_not_the_engine_s_fault(started, error):
    def fail(*_arguments, **_keywords):
        raise error

    with pytest.raises(
        log.EngineError, match=r"^The credential helper .* installed\. Install it, or set DOCKER_CONFIG"
    ):
        started(types.SimpleNamespace(inspect_distribution=fail)).distribution("r:t")


def test_forgetting_an_image_that_is_not_there_is_fine(started):
    def refuse(reference):
        raise docker.errors.ImageNotFound("no such image")

    started(types.SimpleNamespace(remove_image=refuse)).remove("r:t")


def test_a_missing_library_is_said_with_what_to_do(monkeypatch):
    monkeypatch.setattr(engine, "DOCKER_IMPORT_ERROR", ImportError("No module named 'docker'"))
    with pytest.raises(log.EngineError, match="pip install docker"):
        engine.Engine(None, 5)


@pytest.mark.program
def test_what_only_reads_imports_neither_the_docker_sdk_nor_the_urls_of_ansible():
    reader = "ansible_collections.magiclub.fargate.plugins.module_utils._layers.read"
    late = {"docker", "requests", "ansible.module_utils.urls"}
    program = f"import sys, {reader}; print({late} & set(sys.modules))"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
