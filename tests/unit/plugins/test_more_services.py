# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The list of an inventory's services gets entries as text: what people wrote around it stays."""

from __future__ import annotations

import pytest
import yaml
from ansible_collections.magiclub.fargate.plugins.plugin_utils import more_services

NEW = '"{{ api_service }}"'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("fargate_services: []\n", f"fargate_services:\n  - {NEW}\n"),
        ("fargate_services:\n", f"fargate_services:\n  - {NEW}\n"),
        ("fargate_services: []", f"fargate_services:\n  - {NEW}\n"),
        ("fargate_services: []  # none yet\nx: 1\n", f"fargate_services:  # none yet\n  - {NEW}\nx: 1\n"),
        ('fargate_services: ["{{ a }}"]\n', f'fargate_services: ["{{{{ a }}}}", {NEW}]\n'),
        ('fargate_services: [ "{{ a }}", ]  # two\n', f'fargate_services: [ "{{{{ a }}}}", {NEW}]  # two\n'),
        ("fargate_services:\n- '{{ a }}'\n# end\n", f"fargate_services:\n- '{{{{ a }}}}'\n- {NEW}\n# end\n"),
        (
            "# list\nfargate_lotto: false\nfargate_services:\n  # first\n  - '{{ a }}'  # web\n\n  - '{{ b }}'\n"
            "\n# rest\nx: [1]\n",
            "# list\nfargate_lotto: false\nfargate_services:\n  # first\n  - '{{ a }}'  # web\n\n  - '{{ b }}'\n"
            f"  - {NEW}\n\n# rest\nx: [1]\n",
        ),
        ("fargate_services:\n  - '{{ a }}'", f"fargate_services:\n  - '{{{{ a }}}}'\n  - {NEW}\n"),
        (
            "fargate_services:\n  - name: a\n    command:\n      - b\n    port: 1\nx: 1\n",
            f"fargate_services:\n  - name: a\n    command:\n      - b\n    port: 1\n  - {NEW}\nx: 1\n",
        ),
        # a file of Windows stays one
        ("a: 1\r\nfargate_services: []\r\nx: 1\r\n", f"a: 1\r\nfargate_services:\r\n  - {NEW}\r\nx: 1\r\n"),
        ("fargate_services:\r\n  - '{{ a }}'", f"fargate_services:\r\n  - '{{{{ a }}}}'\r\n  - {NEW}\r\n"),
        ('fargate_services: ["{{ a }}"]\r\n', f'fargate_services: ["{{{{ a }}}}", {NEW}]\r\n'),
        # where it is not clear, nothing is changed
        ("a: 1\r\nfargate_services: []\nx: 1\n", None),
        ("fargate_services: '{{ all_of_them }}'\n", None),
        ("fargate_services: [\n  '{{ a }}',\n]\n", None),
        ("fargate_services: &list\n  - a\n", None),
        ("x: 1\n", None),
        ("fargate_services: [\n", None),
    ],
)
def test_an_entry_is_added_and_nothing_else_is_changed(before, after):
    assert more_services.with_entries(before, ["api_service"]) == after


def test_several_entries_keep_their_order():
    text = more_services.with_entries("fargate_services: []\n", ["a_service", "b_service"])
    assert yaml.safe_load(text) == {"fargate_services": ["{{ a_service }}", "{{ b_service }}"]}


def test_the_list_is_found_where_one_file_has_it(tmp_path):
    folder = tmp_path / more_services.OF_ALL
    assert more_services.list_of(tmp_path) is None
    (folder / "services").mkdir(parents=True)
    (folder / "services" / "web.yml").write_text("web_service: {}\n")
    (folder / "services" / "notes.md").write_text("of the team\n")
    (folder / "services" / "old.yml").mkdir()
    assert more_services.list_of(tmp_path) is None
    (folder / "main.yml").write_text("# fargate_services: of another file\nfargate_services: []\n")
    assert more_services.list_of(tmp_path) == folder / "main.yml"
    assert more_services.names(tmp_path) == {"web"}
    # what Ansible can't read either has no list
    (folder / "latin.yml").write_bytes(b"# caf\xe9\nfargate_services: []\n")
    assert more_services.list_of(tmp_path) == folder / "main.yml"
    (folder / "main.yml").rename(folder / "main.yaml")
    assert more_services.list_of(tmp_path) == folder / "main.yaml"
    (folder / "services.yml").write_text("fargate_services: []\n")
    assert more_services.list_of(tmp_path) is None
