# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import io
import os
import socket
import tarfile

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.errors import RefusedError
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecr import content, image

Entry = content.Entry
BUILD = {"dockerfile": "Dockerfile", "build_args": {"A": "1"}, "platform": "linux/amd64", "target": None}
FILES = [Entry("Dockerfile", content=b"FROM scratch\n"), Entry("src/app.py", content=b"print()\n")]


def tag(files=FILES, **build):
    return content.content_tag(files, **{**BUILD, **build})


def test_a_tag_is_short_and_the_same_whatever_the_order():
    assert tag(list(reversed(FILES))) == tag()
    assert len(tag()) == content.TAG_LENGTH
    assert set(tag()) <= set("0123456789abcdef")


def test_a_tag_stays_the_same_from_release_to_release():
    # Another value here would have every user's images built again: change content.FORMAT on purpose then.
    assert tag() == "ba98adb48914f385"


@pytest.mark.parametrize(
    "other",
    [
        [FILES[0], Entry("src/app.py", content=b"print(1)\n")],
        [FILES[0], Entry("src/app.py", executable=True, content=b"print()\n")],
        [FILES[0], Entry("src/main.py", content=b"print()\n")],
        [FILES[0], Entry("src/app.py", target="app.py")],
        [FILES[0]],
        [*FILES, Entry("new", content=b"")],
    ],
    ids=["bytes", "mode", "path", "link", "one less", "one more"],
)
def test_every_change_of_the_files_makes_another_tag(other):
    assert tag(other) != tag()


def test_where_a_link_points_counts():
    assert tag([Entry("l", target="a")]) != tag([Entry("l", target="b")])


@pytest.mark.parametrize(
    "build",
    [
        {"dockerfile": "Dockerfile.other"},
        {"build_args": {"A": "2"}},
        {"build_args": {}},
        {"platform": "linux/arm64"},
        {"target": "test"},
        {"wheels": {"requirements": ["flask==3"]}},
    ],
)
def test_every_change_of_the_build_makes_another_tag(build):
    assert tag(**build) != tag()


@pytest.fixture
def context(tmp_path):
    root = tmp_path / "context"
    (root / "src" / "__pycache__").mkdir(parents=True)
    (root / "wheels").mkdir()
    (root / "empty").mkdir()
    for path, text in {
        "Dockerfile": "FROM scratch\n",
        ".dockerignore": "# what the image does not hold\n\n**/__pycache__\n*.md\n!KEEP.md\n",
        "README.md": "read me",
        "KEEP.md": "keep me",
        "requirements.txt": "flask==3.1.3\n",
        "src/app.py": "print()\n",
        "src/__pycache__/app.pyc": "x",
        "wheels/old.whl": "x",
    }.items():
        (root / path).write_text(text)
    (root / "run").write_text("#!/bin/sh\n")
    (root / "run").chmod(0o755)
    (root / "link").symlink_to("src/app.py")
    return root


def options(root, **fields):
    return {
        "path": str(root),
        "dockerfile": "Dockerfile",
        "build_args": {},
        "provenance_args": {},
        "platform": "linux/amd64",
        "target": None,
        "extra_files": [],
        "python_wheels": None,
        "repository": "r",
    } | fields


def wheels(**fields):
    return {"requirements": "requirements.txt", "packages": [], "python_version": "3.13", "folder": "wheels"} | fields


def tag_of(wanted):
    return image.tag(wanted, image.inputs(wanted))


def paths(wanted):
    return sorted(entry.path for entry in image.inputs(wanted))


def test_dockerignore_is_honoured_and_directories_do_not_count(context):
    assert paths(options(context)) == [
        "Dockerfile",
        "KEEP.md",
        "link",
        "requirements.txt",
        "run",
        "src/app.py",
        "wheels/old.whl",
    ]


def test_the_dockerfile_is_there_even_where_it_is_ignored(context):
    (context / ".dockerignore").write_text("*\n")
    assert paths(options(context)) == ["Dockerfile"]


def test_fetched_wheels_take_the_place_of_what_lies_in_their_folder(context):
    assert "wheels/old.whl" not in paths(options(context, python_wheels=wheels()))


@pytest.mark.parametrize(
    ("change", "same"),
    [
        (lambda root: (root / "src" / "__pycache__" / "new.pyc").write_text("y"), True),
        (lambda root: (root / "README.md").write_text("changed"), True),
        (lambda root: os.utime(root / "src" / "app.py", (1, 1)), True),
        (lambda root: (root / "src" / "app.py").chmod(0o600), True),
        (lambda root: (root / "another-empty").mkdir(), True),
        (lambda root: (root / "src" / "app.py").chmod(0o755), False),
        (lambda root: (root / "src" / "app.py").write_text("print(2)\n"), False),
        (lambda root: (root / "KEEP.md").unlink(), False),
        (lambda root: (root / "link").unlink(), False),
    ],
    ids=["ignored", "ignored too", "time", "umask", "empty", "executable", "bytes", "removed", "link removed"],
)
def test_what_changes_the_tag_of_a_folder(context, change, same):
    before = tag_of(options(context))
    change(context)
    assert (tag_of(options(context)) == before) is same


def test_provenance_does_not_count_and_build_arguments_do(context):
    before = tag_of(options(context))
    assert tag_of(options(context, provenance_args={"REVISION": "abc"})) == before
    assert tag_of(options(context, build_args={"BASE": "x"})) != before
    assert tag_of(options(context, build_args={"N": 1})) == tag_of(options(context, build_args={"N": "1"}))


@pytest.mark.parametrize("other", [{"python_version": "3.12"}, {"packages": ["pip==25.3"]}, {"folder": "vendor"}])
def test_what_the_wheels_depend_on_counts(context, other):
    before = tag_of(options(context, python_wheels=wheels()))
    assert tag_of(options(context, python_wheels=wheels(**other))) != before
    assert tag_of(options(context)) != before


def test_extra_files_come_on_top(context, tmp_path):
    script = tmp_path / "script"
    script.write_text("#!/bin/sh\n")
    script.chmod(0o755)
    extra = [
        {"path": "src/app.py", "content": "replaced", "src": None},
        {"path": "bin/script", "content": None, "src": str(script)},
    ]
    found = {entry.path: entry for entry in image.inputs(options(context, extra_files=extra))}
    assert found["src/app.py"].content == b"replaced"
    assert found["bin/script"].executable


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"path": "/nowhere/at/all"}, "The build context /nowhere/at/all is not a directory"),
        ({"dockerfile": "Missing"}, "No Missing in"),
        (
            {"extra_files": [{"path": "x", "content": None, "src": "/nowhere/x"}]},
            "A file of the image can't be read: .*/nowhere/x",
        ),
    ],
)
def test_bad_contexts_are_named(context, wanted, message):
    with pytest.raises(RefusedError, match=message):
        tag_of(options(context, **wanted))


def test_missing_requirements_are_named(context):
    (context / "requirements.txt").unlink()
    with pytest.raises(RefusedError, match="requirements of the Python wheels can't be read"):
        tag_of(options(context, python_wheels=wheels()))


def test_a_socket_can_not_be_in_an_image(context, monkeypatch):
    monkeypatch.chdir(context)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("sock")
        with pytest.raises(RefusedError, match="is neither a file nor a directory nor a link"):
            tag_of(options(context))


def test_the_archive_holds_just_the_inputs_with_owners_and_times_fixed(context):
    archive = io.BytesIO()
    content.write_archive(image.inputs(options(context)), archive)
    archive.seek(0)
    with tarfile.open(fileobj=archive) as tar:
        members = {member.name: member for member in tar}
        assert tar.extractfile("src/app.py").read() == b"print()\n"
    assert list(members) == [
        "Dockerfile",
        "KEEP.md",
        "link",
        "requirements.txt",
        "run",
        "src",
        "src/app.py",
        "wheels",
        "wheels/old.whl",
    ]
    assert {(member.uid, member.gid, member.mtime) for member in members.values()} == {(0, 0, content.FIXED_TIME)}
    assert (members["src"].type, members["src"].mode) == (tarfile.DIRTYPE, 0o755)
    assert (members["run"].mode, members["src/app.py"].mode) == (0o755, 0o644)
    assert members["link"].linkname == "src/app.py"


def test_two_archives_of_one_content_are_the_same_bytes(context):
    def archive():
        written = io.BytesIO()
        content.write_archive(image.inputs(options(context)), written)
        return written.getvalue()

    first = archive()
    os.utime(context / "src" / "app.py", (1, 1))
    (context / "src" / "app.py").chmod(0o600)
    assert archive() == first


@pytest.mark.parametrize(
    ("path", "folder", "inside"),
    [
        ("wheels", "wheels", True),
        ("wheels/a", "wheels", True),
        ("wheels/a", "wheels/", True),
        ("wheels2/a", "wheels", False),
    ],
)
def test_below(path, folder, inside):
    assert content.below(path, folder) is inside
