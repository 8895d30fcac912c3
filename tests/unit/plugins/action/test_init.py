# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Inventories from files as other tools have them: what is written, what is not, and that the plan takes all of it."""

from __future__ import annotations

import json

import pytest
import yaml
from ansible.errors import AnsibleActionFail
from ansible_collections.magiclub.fargate.plugins.action import init
from ansible_collections.magiclub.fargate.plugins.module_utils._operations.init import compose, copilot_starts
from ansible_collections.magiclub.fargate.plugins.module_utils._operations.init.model import (
    SourceError,
    Taken,
    mebibytes,
    name_of,
    requested_path,
    seconds,
    size,
)
from ansible_collections.magiclub.fargate.plugins.plugin_utils import new_inventory
from ansible_collections.magiclub.fargate.plugins.plugin_utils.inventory import zone_ids
from ansible_collections.magiclub.fargate.plugins.plugin_utils.sources import take

from tests.support.cloud import ROOT
from tests.unit.plugins.action import before_aws

FILES = ROOT / "tests" / "unit" / "fixtures" / "init"
SOURCES = [
    "fastapi",
    "node/Dockerfile",
    "web-and-worker",
    "mailer/docker-compose.yml",
    "shop",
    "shop/copilot/api/manifest.yml",
    "shop/copilot/rates/manifest.yml",
    "shop/copilot/mailer/manifest.yml",
    "job.yml",
    "fargate.json",
    "ecs-task-def.json",
]
EFS = "fs-0123456789abcdef0"
GIVEN = {"project": "shop", "region": "eu-central-1"}


def services(source, **more):
    return {one["name"]: one for one in take(FILES / source, **more).services}


def left(source, **more):
    return [sentence.partition(": ")[0] for sentence in take(FILES / source, **more).left]


@pytest.mark.parametrize("domain", ["", "shop.example.com"])
@pytest.mark.parametrize("source", SOURCES)
def test_the_plan_takes_what_is_written(run_action, tmp_path, source, domain):
    target = tmp_path / "poc"
    arguments = {**GIVEN, "target": str(target), "source": str(FILES / source), "domain": domain}

    result, lines = run_action(init, arguments)

    assert result["changed"] is True
    run = f"  ansible-playbook magiclub.fargate.site -i {target}"
    assert lines[-2:] == [f"{run} --check --diff", run]
    assert before_aws.refused(before_aws.variables_of(target)) == ""


# a container's health check, the path of the load balancer's
PATHS = [
    (["CMD", "python", "-c", "import urllib.request as u; u.urlopen('http://localhost:8000/healthz')"], "/healthz"),
    (["CMD-SHELL", "wget -qO- localhost:8000/health || exit 1"], "/health"),
    (["CMD-SHELL", "curl -f http://127.0.0.1:8000/"], "/"),
    (["CMD-SHELL", "curl -f http://[::1]:8000/a/b.html"], "/a/b.html"),
    (["CMD-SHELL", "curl -f http://localhost/health"], ""),  # port 80
    (["CMD-SHELL", "curl -f http://localhost:9000/health"], ""),
    (["CMD-SHELL", "curl -f https://localhost:8000/health"], ""),
    (["CMD-SHELL", "curl -f http://localhost:8000"], ""),
    (["CMD-SHELL", "curl -f http://localhost:$PORT/health"], ""),
    (["CMD-SHELL", "curl -f http://localhost:8000/v$VERSION/health"], ""),
    (["CMD-SHELL", "curl -f http://localhost:8000/health?deep=$DEEP"], ""),
    (["CMD-SHELL", "curl -f http://localhost:8000/a && curl -f http://localhost:8000/b"], ""),
    (["CMD", "true"], ""),
]


@pytest.mark.parametrize(("command", "path"), PATHS)
def test_path_that_a_container_requests_from_itself(command, path):
    assert requested_path(command, 8000) == path


@pytest.mark.parametrize(("source", "path"), [("fastapi", "/healthz"), ("node", "/health"), ("plain", "")])
def test_the_load_balancer_requests_what_the_health_check_of_the_dockerfile_does(run_action, tmp_path, source, path):
    if source == "plain":
        (tmp_path / source).mkdir()
        (tmp_path / source / "Dockerfile").write_text("FROM python:3.11\nEXPOSE 8000\n", encoding="utf-8")
    folder = tmp_path / source if source == "plain" else FILES / source
    _result, lines = run_action(init, {**GIVEN, "target": str(tmp_path / "poc"), "source": str(folder)})
    written = yaml.safe_load((tmp_path / "poc/group_vars/all/services" / f"{source}.yml").read_text(encoding="utf-8"))
    assert written[f"{source}_service"].get("health_check") == ({"path": path} if path else None)
    assert (
        f"The load balancer requests {path or '/'} from each task of {source}, and expects 200: set health_check.path"
        f" in group_vars/all/services/{source}.yml if the application answers another path."
    ) in lines


def test_the_load_balancer_expects_what_the_manifest_does(run_action, tmp_path):
    target = tmp_path / "poc"
    _result, lines = run_action(init, {**GIVEN, "target": str(target), "source": str(FILES / "shop")})
    assert [line for line in lines if "from each task of api, and expects 200,301:" in line], lines


CLONE = "ansible-playbook playbooks/site.yml -i inventories/shop"


@pytest.mark.parametrize(
    ("playbooks", "target", "expected"),
    [
        ("playbooks", "inventories/shop", CLONE),
        ("playbooks", "inventories/my shop", CLONE.replace("inventories/shop", "'inventories/my shop'")),
        ("../elsewhere/playbooks", "inventories/shop", CLONE.replace("playbooks", "../elsewhere/playbooks")),
        (".ansible/ansible_collections/magiclub/fargate/playbooks", "inventories/shop",
            CLONE.replace("playbooks/site.yml", "magiclub.fargate.site")),
        ("/usr/share/ansible_collections/magiclub/fargate/playbooks", "/srv/shop",
            "ansible-playbook magiclub.fargate.site -i /srv/shop"),
    ],
)  # fmt: skip
def test_the_next_command_is_in_the_form_of_the_running_one(monkeypatch, tmp_path, playbooks, target, expected):
    (tmp_path / "ansible_collections/magiclub/fargate").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "ansible_collections/magiclub/fargate")
    folder = str((tmp_path / "ansible_collections/magiclub/fargate" / playbooks).resolve())
    path = str((tmp_path / "ansible_collections/magiclub/fargate" / target).resolve())
    assert new_inventory.command({"playbook_dir": folder}, path) == expected


def test_a_dockerfile_says_port_and_check_of_its_last_stage():
    taken = take(FILES / "fastapi")
    assert taken.services == [
        {
            "name": "fastapi",
            "build": {"path": "."},
            "port": 8000,
            "container_health_check": {
                "command": ["CMD", "python", "-c", "import urllib.request as u; u.urlopen('http://localhost:8000/healthz')"],
                "interval": 10,
                "timeout": 3,
                "start_period": 5,
            },
        }
    ]  # fmt: skip
    assert left("node/Dockerfile") == []
    assert services("node")["node"]["container_health_check"] == {
        "command": ["CMD-SHELL", "wget -qO- localhost:3000/health || exit 1"]
    }


def test_a_compose_file_is_taken_over_as_compose_reads_it():
    taken = take(FILES / "web-and-worker")
    web, worker = taken.services
    assert web["build"] == {"path": "./web", "build_args": {"PYTHON_VERSION": "3.10"}}
    assert (web["name"], web["port"], web["rule"]) == ("web", 8000, {"paths": ["/*"]})
    assert web["environment"] == {
        "LOG_LEVEL": "info",
        "VERSION": "1.10",
        "DEBUG": "yes",
        "TEMPLATE": "{{ user }} costs $5",
    }
    assert web["command"] == ["uvicorn", "app:app", "--port", "8000"]
    assert web["container_health_check"] == {
        "command": ["CMD", "curl", "-f", "http://localhost:8000/"],
        "interval": 90,
        "timeout": 10,
        "retries": 3,
        "start_period": 40,
    }
    assert (web["cpu"], web["memory"], web["desired_count"]) == (512, 1024, 2)
    assert worker == {
        "name": "worker",
        "image": "registry.example/worker:2.4",
        "environment": {"QUEUE": "default", "EMPTY": ""},
        "stop_timeout": 120,
    }
    assert left("web-and-worker") == [
        "service web",
        "service web",
        "service web",
        "service worker",
        "service db",
    ]
    assert "hunter2" not in str(taken)


def of_compose(one):
    """Return what is taken of a service of a compose file."""
    return compose.take({"services": {"web": {"image": "web:1", **one}}})


def test_a_build_is_taken_over():
    build = {"context": "web", "dockerfile": "prod/Dockerfile", "target": "run", "args": {"A": 1}, "cache_from": ["x"]}
    taken = of_compose({"build": build})
    [service] = taken.services
    assert service["build"] == {
        "path": "web",
        "dockerfile": "prod/Dockerfile",
        "target": "run",
        "build_args": {"A": "1"},
    }
    assert [one for one in taken.left if "dockerfile" in one or "target" in one] == []


def ours(name):
    return f"service web: variable {name}: its name says that it is secret. {INTO_SSM} secrets: {{{name}: /…}}."


INTO_SSM = "Put its value into an SSM parameter, and write the parameter's name into"


@pytest.mark.parametrize(
    ("environment", "kept", "left"),
    [
        ({"TOKEN": "${TOKEN:?not set}"}, None, [ours("TOKEN")]),
        ({"TOKEN": "${TOKEN}"}, None, [ours("TOKEN")]),
        # by the shell, as compose takes what has no value
        (["TOKEN"], None, [ours("TOKEN")]),
        ({"TOKEN": None}, None, [ours("TOKEN")]),
        (["TOKEN="], {"TOKEN": ""}, []),
        (["MODE"], {"MODE": ""}, ["service web: MODE: has no value but that of a shell, and is empty now. Write it."]),
        (
            {"DATABASE_URL": "postgres://app:pw@db/app"},
            None,
            [
                "service web: variable DATABASE_URL: it is an address with a password."
                f" {INTO_SSM} secrets: {{DATABASE_URL: /…}}."
            ],
        ),
        ({"DATABASE_URL": "postgres://app@db/app"}, {"DATABASE_URL": "postgres://app@db/app"}, []),
        ({"URL": "http://db:5432/a@b"}, {"URL": "http://db:5432/a@b"}, []),
    ],
)
def test_no_secret_is_written_into_an_inventory(environment, kept, left):
    taken = of_compose({"environment": environment})
    assert taken.services[0].get("environment") == kept
    assert taken.left == left


INSIDE = {"allow_from": ["{{ vpc_cidr_block }}"]}
HERE_ALONE = (
    "is published on the machine itself alone, so it gets no rule. Give the service a rule if users are to reach it."
)


@pytest.mark.parametrize(
    ("ports", "found", "left"),
    [
        (["127.0.0.1:9000:80"], {"port": 80, **INSIDE}, [f"service web: port 127.0.0.1:9000:80: {HERE_ALONE}"]),
        (["[::1]:9000:80/tcp"], {"port": 80, **INSIDE}, [f"service web: port [::1]:9000:80/tcp: {HERE_ALONE}"]),
        (
            [{"target": 80, "published": 9000, "host_ip": "127.0.0.1"}],
            {"port": 80, **INSIDE},
            [f"service web: port 80: {HERE_ALONE}"],
        ),
        (["0.0.0.0:9000:80"], {"port": 80, "rule": {"paths": ["/*"]}}, []),
        # what users reach comes first
        (
            ["127.0.0.1:9229:9229", "8080:8000"],
            {"port": 8000, "rule": {"paths": ["/*"]}},
            ["service web: port 9229: one port was taken over. With rules, a service has more of them."],
        ),
    ],
)
def test_what_only_the_machine_itself_reaches_is_not_put_on_the_internet(ports, found, left):
    taken = of_compose({"ports": ports})
    assert taken.services == [{"name": "web", "image": "web:1", **found}]
    assert taken.left == left


def test_of_several_published_ports_the_first_service_has_all_other_requests():
    found = services("mailer")
    assert {name: one.get("rule", one.get("allow_from")) for name, one in found.items()} == {
        "admin": {"paths": ["/*"]},
        "smtp": ["{{ vpc_cidr_block }}"],
        "api": {"paths": ["/api/*"]},
    }
    assert found["admin"]["ulimits"] == [{"name": "nofile", "soft": 20000, "hard": 40000}]
    assert (found["smtp"]["cpu"], found["smtp"]["memory"]) == (256, 1024)
    assert found["api"]["entry_point"] == ["/bin/sh", "-c"]
    assert found["api"]["cpu_architecture"] == "ARM64"


def web_of_copilot(folder, environment="", **more):
    """Return what is taken of a web service of Copilot with I(more) in its manifest, for an environment."""
    path = folder / "copilot" / "web" / "manifest.yml"
    path.parent.mkdir(parents=True)
    manifest = {"name": "web", "type": "Load Balanced Web Service", "image": {"location": "nginx:1", "port": 80}}
    path.write_text(json.dumps({**manifest, "http": {"path": "/"}, **more}), encoding="utf-8")
    return take(path, environment)


@pytest.mark.parametrize(
    ("count", "of_prod"), [({"range": "1-10", "cpu_percentage": 70}, 3), (3, {"range": "1-10", "cpu_percentage": 70})]
)
def test_what_an_environment_of_copilot_says_may_be_of_another_form(count, of_prod, tmp_path):
    (web,) = web_of_copilot(tmp_path, "prod", count=count, environments={"prod": {"count": of_prod}}).services
    assert ("desired_count" in web, "autoscaling" in web) == (of_prod == 3, of_prod != 3)


@pytest.mark.parametrize(("given", "expected"), [(1, 2), (2, 2), (10, 10), (11, 10)])
def test_thresholds_of_copilot_are_what_a_target_group_takes(given, expected, tmp_path):
    health = {"path": "/", "healthy_threshold": given, "unhealthy_threshold": given}
    (web,) = web_of_copilot(tmp_path, http={"path": "/", "healthcheck": health}).services
    found = web["health_check"]
    assert (found.get("healthy_threshold"), found.get("unhealthy_threshold")) == (expected, expected)


@pytest.mark.parametrize("efs", [True, {"uid": 1000, "gid": 1000}])
def test_a_file_system_of_copilot_itself_is_left_with_what_to_do(efs, tmp_path):
    volumes = {"data": {"path": "/data", "efs": efs}, "scratch": {"path": "/tmp/x"}}
    taken = web_of_copilot(tmp_path, storage={"volumes": volumes})
    (web,) = taken.services
    assert web["volumes"] == [{"name": "scratch"}]
    assert taken.left == [
        "storage.volumes.data: Copilot's own file system goes with it. Make one, and write its id into volumes."
    ]


def test_a_load_balanced_web_service_of_copilot():
    taken = take(FILES / "shop/copilot/api/manifest.yml", "prod")
    (api,) = taken.services
    assert api["build"] == {"path": "api"}
    assert {key: api[key] for key in ("cpu", "memory", "cpu_architecture", "port", "enable_execute_command")} == {
        "cpu": 1024,
        "memory": 2048,
        "cpu_architecture": "ARM64",
        "port": 8080,
        "enable_execute_command": True,
    }
    assert api["rule"] == {"paths": ["/api", "/api/*"]}
    assert api["health_check"] == {
        "path": "/api/health",
        "matcher": "200,301",
        "healthy_threshold": 3,
        "unhealthy_threshold": 2,
        "interval": 15,
        "timeout": 10,
    }
    assert (api["health_check_grace_period"], api["deregistration_delay"], api["stickiness_duration"]) == (60, 5, 86400)
    assert api["autoscaling"] == {
        "min": 1,
        "max": 10,
        "cpu": "70",
        "requests": "1000",
        "scale_in_cooldown": 120,
        "scale_out_cooldown": 60,
    }
    assert api["environment"] == {"LOG_LEVEL": "warn", "PRICE": "1.10"}
    assert api["secrets"] == {"DB_PASSWORD": "/copilot/shop/prod/secrets/DB_PASSWORD"}
    assert api["sidecars"] == [
        {
            "name": "nginx",
            "image": "public.ecr.aws/nginx/nginx:1.29",
            "essential": True,
            "port": 80,
            "environment": {"NGINX_PORT": "80"},
        }
    ]
    assert left("shop/copilot/api/manifest.yml", environment="prod") == [
        "environments test",
        "manifest",
        "manifest",
    ]
    assert api["service_connect"] == {}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("@daily", {"cron": "0 0 * * ? *"}),
        ("@weekly", {"cron": "0 0 ? * 1 *"}),
        ("@every 90m", {"rate": "90 minutes"}),
        ("@every 1h", {"rate": "1 hour"}),
        ("@every 24h", {"rate": "24 hours"}),
        ("30 8 * * 1-5", {"cron": "30 8 ? * 2-6 *"}),
        ("0 9 * * MON,WED", {"cron": "0 9 ? * MON,WED *"}),
        ("0 9 * * 0", {"cron": "0 9 ? * 1 *"}),
        ("0 9 * * 7", {"cron": "0 9 ? * 1 *"}),
        ("*/10 * 1 * *", {"cron": "*/10 * 1 * ? *"}),
        ("rate(5 minutes)", {"rate": "5 minutes"}),
        ("cron(0 2 * * ? *)", {"cron": "0 2 * * ? *"}),
        ("none", {"cron": "0 0 * * ? *", "enabled": False}),
    ],
)
def test_when_a_job_of_copilot_starts(said, expected):
    taken = Taken()
    assert copilot_starts.schedule(taken, {"on": {"schedule": said}}) == {"schedule": expected}
    assert taken.left == []


@pytest.mark.parametrize("said", ["0 9 1 * 1", "at noon", "0 9 * * */2", "0 9 * * 5-7", ""])
def test_a_schedule_that_has_no_counterpart_starts_nothing_and_is_told(said):
    taken = Taken()
    assert copilot_starts.schedule(taken, {"on": {"schedule": said}})["schedule"]["enabled"] is False
    assert taken.left[0].startswith(f"on.schedule '{said}': has no counterpart as it is")


def test_a_job_of_copilot():
    (job,) = take(FILES / "job.yml").services
    assert job["schedule"]["rate"] == "1 hour"
    assert not {"desired_count", "port", "autoscaling"} & job.keys()
    assert left("job.yml") == ["manifest", "manifest"]


def test_a_worker_scales_by_how_long_a_message_may_wait():
    delay = {"acceptable_latency": "10m", "msg_processing_time": "250ms"}
    assert copilot_starts.backlog({"queue_delay": delay}) == {"backlog_per_task": 2400.0}
    assert copilot_starts.backlog({}) == {}


def test_a_backend_and_a_worker_of_copilot():
    found = services("shop")
    assert found["rates"] == {
        "name": "rates",
        "image": "123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/rates:2025-11-30",
        "port": 8081,
        "container_health_check": {
            "command": ["CMD-SHELL", "curl -f http://localhost:8081/ || exit 1"],
            "interval": 10,
            "retries": 2,
            "timeout": 5,
            "start_period": 1,
        },
        "cpu": 256,
        "memory": 512,
        "desired_count": 1,
        "ephemeral_storage": 50,
        "volumes": [
            {"name": "cache"},
            {"name": "shared", "efs": {"file_system_id": EFS, "iam": False, "root_directory": "/rates"}},
        ],
        "mounts": [
            {"volume": "cache", "path": "/cache", "read_only": False},
            {"volume": "shared", "path": "/shared", "read_only": True},
        ],
        "minimum_healthy_percent": 0,
        "maximum_percent": 100,
        "availability_zone_rebalancing": False,
        "deployment_alarms": ["rates-errors"],
        "allow_from": ["{{ vpc_cidr_block }}"],
    }  # fmt: skip
    mailer = found["mailer"]
    assert mailer["queue"] == {
        "variable": "COPILOT_QUEUE_URI",
        "visibility": 30,
        "retention": 86400,
        "dead_letter": {"max_receives": 3},
    }
    assert mailer["command"] == ["python", "-m", "mailer", "--batch", "10"]
    assert (mailer["cpu"], mailer["memory"]) == (512, 1024)
    assert (mailer["desired_count"], mailer["subnets"]) == (2, "public")
    assert mailer["capacity_provider_strategy"] == [{"capacity_provider": "FARGATE_SPOT", "weight": 1}]


def test_a_task_definition_of_fargate():
    (orders,) = take(FILES / "fargate.json").services
    assert (orders["name"], orders["container_name"], orders["port"]) == ("orders", "orders", 8080)
    assert (orders["cpu"], orders["memory"], orders["cpu_architecture"]) == (1024, 3072, "ARM64")
    assert orders["environment"] == {"JAVA_OPTS": "-Xmx2g {{ not ours }}"}
    assert orders["ulimits"] == [{"name": "nofile", "soft": 65536, "hard": 65536}]
    assert orders["volumes"] == [
        {"name": "files", "efs": {"file_system_id": "fs-0a1b2c3d", "iam": True, "access_point_id": "fsap-0a1b2c3d"}}
    ]
    assert orders["sidecars"] == [
        {
            "name": "proxy",
            "image": "envoyproxy/envoy:v1.35.0",
            "depends_on": [{"container": "orders", "condition": "START"}],
            "essential": True,
            "memory_reservation": 128,
            "cpu": 128,
        }
    ]
    assert left("fargate.json") == [
        "container orders",
        "container orders",
        "container proxy",
        "taskRoleArn arn:aws:iam::123456789012:role/orders",
        "executionRoleArn arn:aws:iam::123456789012:role/ecsTaskExecutionRole",
    ]


def test_a_task_definition_of_ecspresso():
    (reader,) = take(FILES / "ecs-task-def.json").services
    assert (reader["name"], reader["cpu"], reader["memory"]) == ("queue-reader", 512, 1024)
    assert reader["image"].endswith("/reader:change-me")
    assert reader["command"] == ["read", "--queue", "default"]
    assert left("ecs-task-def.json") == ["container reader", "networkMode bridge", "variable IMAGE_TAG of ecspresso"]


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("app-runner.yml", "type 'Request-Driven Web Service': App Runner is not Fargate"),
        ("shop/copilot", "has neither copilot/*/manifest.yml nor compose.yaml nor a Dockerfile"),
        ("none", "can't be read"),
    ],
)
def test_what_can_not_be_taken_over_is_said(source, sentence):
    with pytest.raises(SourceError) as error:
        take(FILES / source)
    assert sentence in str(error.value)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("services: []", "The compose file has no services."),
        ("services: {db: {image: 'postgres:17'}}", "No service of the compose file can run on Fargate."),
        ("a: b", "has neither services, as a compose file, nor a type, as a manifest of Copilot."),
        ("- a", "is neither a compose file, a manifest of Copilot, a task definition nor a Dockerfile."),
        ("a: [", "is not YAML"),
        ("services: {web: {image: 'a:1', stop_grace_period: soon}}", "'soon' is not a duration, as 30s or 1m30s."),
        ("services: {web: 5}", "is not of the form that its tool takes"),
    ],
)
def test_what_is_no_source_is_said(tmp_path, text, sentence):
    (tmp_path / "compose.yaml").write_text(text)
    with pytest.raises(SourceError) as error:
        take(tmp_path)
    assert sentence in str(error.value)


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({}, "There is nothing to deploy: give source, as a folder with a Dockerfile, or an image."),
        ({"image": "nginx:1", "path": "/"}, "Service shop has no port, which its requests go to."),
        ({"image": "nginx:1", "port": "http"}, "port 'http' is not a number. Give it as in -e port=8080."),
        ({"image": "nginx:1", "region": "mars"}, "AWS has no region 'mars'"),
        ({"image": "nginx:1", "project": "Shop"}, "project 'Shop' is not a prefix for names"),
        ({"image": "nginx:1", "domain": "shop"}, "fargate_domain: 'shop' is not a domain name."),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_written(run_action, tmp_path, more, sentence):
    with pytest.raises(AnsibleActionFail) as error:
        run_action(init, {**GIVEN, "target": str(tmp_path / "poc"), **more})
    assert sentence in error.value.message
    assert not (tmp_path / "poc").exists()


def test_a_file_is_not_taken_for_a_folder(run_action, tmp_path):
    (tmp_path / "poc").write_text("")
    with pytest.raises(AnsibleActionFail) as error:
        run_action(init, {**GIVEN, "target": str(tmp_path / "poc"), "image": "nginx:1"})
    assert "poc is a file, and target has to be a folder" in error.value.message


def test_nothing_is_written_over(run_action, tmp_path):
    (tmp_path / "hosts.yml").write_text("")
    with pytest.raises(AnsibleActionFail) as error:
        run_action(init, {**GIVEN, "target": str(tmp_path), "image": "nginx:1"})
    assert error.value.message.startswith(f"{tmp_path} is there already, and is not written over. Give another folder")
    assert "docs/adding-a-service.md" in error.value.message


@pytest.fixture
def inventory(run_action, tmp_path):
    """The folder of an inventory that init wrote, and somebody has changed since."""
    target = tmp_path / "shop"
    run_action(init, {**GIVEN, "target": str(target), "image": "nginx:1", "port": "80"})
    main, listed = (target / "group_vars/all" / name for name in ("main.yml", "services.yml"))
    main.write_text(f"{main.read_text()}\n# ours\n")
    listed.write_text(listed.read_text().replace("fargate_lotto", "# no example\nfargate_lotto"))
    return target


def texts(folder):
    return {str(path.relative_to(folder)): path.read_text() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_a_second_service_goes_into_an_inventory_that_is_there(run_action, inventory):
    before = texts(inventory)
    more = {"image": "registry.example/api:1", "service": "api", "port": "8080"}
    result, _lines = run_action(init, {**GIVEN, "project": "other", "target": str(inventory), **more})
    after = texts(inventory)
    assert result["files"] == ["group_vars/all/services.yml", "group_vars/all/services/api.yml"]
    assert {name for name in after if after[name] != before.get(name)} == set(result["files"])
    listed = after["group_vars/all/services.yml"]
    assert "# no example\n" in listed
    assert yaml.safe_load(listed)["fargate_services"] == ["{{ shop_service }}", "{{ api_service }}"]
    assert before_aws.refused(before_aws.variables_of(inventory)) == ""
    # the first service has all paths
    written = yaml.safe_load(after["group_vars/all/services/api.yml"])["api_service"]
    assert written["rule"] == {"paths": ["/api", "/api/*"], "accept_overlap": True}


def test_a_list_of_windows_keeps_its_ends_of_lines(run_action, inventory):
    listed = inventory / "group_vars/all/services.yml"
    listed.write_bytes(listed.read_bytes().replace(b"\n", b"\r\n"))
    run_action(init, {**GIVEN, "target": str(inventory), "image": "a:1", "service": "api"})
    written = listed.read_bytes()
    assert b"api_service" in written
    assert written.count(b"\n") == written.count(b"\r\n")


def test_check_mode_says_what_would_be_added_and_writes_nothing(run_action, inventory):
    before = texts(inventory)
    more = {"image": "a:1", "service": "api"}
    _result, lines = run_action(init, {**GIVEN, "target": str(inventory), **more}, check=True)
    assert lines[:3] == [
        f"Would be written: {inventory}",
        "  group_vars/all/services.yml",
        "  group_vars/all/services/api.yml",
    ]
    assert texts(inventory) == before


def test_a_list_of_somebody_elses_form_is_left_with_what_to_add(run_action, inventory):
    listed = inventory / "group_vars/all/services.yml"
    listed.write_text("fargate_services: '{{ ours }}'\n")
    _result, lines = run_action(init, {**GIVEN, "target": str(inventory), "image": "a:1", "service": "api"})
    assert lines[:2] == [
        "Add to fargate_services in group_vars/all/services.yml, which is written in a way of its own:",
        '  - "{{ api_service }}"',
    ]
    assert listed.read_text() == "fargate_services: '{{ ours }}'\n"
    assert (inventory / "group_vars/all/services/api.yml").is_file()


def test_a_service_of_the_inventory_is_not_written_over(run_action, inventory):
    before = texts(inventory)
    with pytest.raises(AnsibleActionFail, match="has a service shop already, and its file is not written over"):
        run_action(init, {**GIVEN, "target": str(inventory), "image": "b:1"})
    assert texts(inventory) == before


@pytest.mark.parametrize(
    ("local", "machine", "platform"),
    [(True, "aarch64", "linux/arm64"), (True, "x86_64", None), (False, "aarch64", None)],
)
def test_a_local_build_is_for_the_machine_that_it_runs_on(run_action, tmp_path, monkeypatch, local, machine, platform):
    monkeypatch.setattr(init, "machine", lambda: machine)
    run_action(init, {**GIVEN, "target": str(tmp_path / "poc"), "source": str(FILES / "fastapi"), "local": local})
    written = (tmp_path / "poc/group_vars/all/services/fastapi.yml").read_text(encoding="utf-8")
    assert yaml.safe_load(written)["fastapi_service"]["build"].get("platform") == platform


def test_check_mode_writes_nothing(run_action, tmp_path):
    result, lines = run_action(init, {**GIVEN, "target": str(tmp_path / "poc"), "image": "nginx:1"}, check=True)
    assert (result["changed"], (tmp_path / "poc").exists()) == (True, False)
    assert lines[0] == f"Would be written: {tmp_path / 'poc'}"


def test_an_image_is_a_service_behind_the_load_balancer(run_action, tmp_path):
    target = tmp_path / "poc"
    given = {"image": "public.ecr.aws/nginx/nginx:1.29", "port": "80", "path": "/shop", "service": "Web Shop"}
    run_action(init, {**GIVEN, "target": str(target), **given, "zones": ["euc1-az2", "euc1-az3"]})
    assert yaml.safe_load((target / "group_vars/all/services/web-shop.yml").read_text()) == {
        "web_shop_service": {
            "name": "web-shop",
            "image": "public.ecr.aws/nginx/nginx:1.29",
            "port": 80,
            "rule": {"paths": ["/shop", "/shop/*"]},
        }
    }
    assert "vpc_zones:\n  - euc1-az2\n  - euc1-az3\n" in (target / "group_vars/all/vpc.yml").read_text()
    assert before_aws.refused(before_aws.variables_of(target)) == ""


def test_text_of_others_is_no_expression(run_action, tmp_path):
    target = tmp_path / "poc"
    run_action(init, {**GIVEN, "target": str(target), "source": str(FILES / "fargate.json")})
    text = (target / "group_vars/all/services/orders.yml").read_text()
    assert 'JAVA_OPTS: !unsafe "-Xmx2g {{ not ours }}"' in text


@pytest.mark.parametrize(
    ("region", "ids"),
    [
        ("ap-northeast-2", ["apne2-az1", "apne2-az2"]),
        ("us-east-1", ["use1-az1", "use1-az2"]),
        ("eu-central-1", ["euc1-az1", "euc1-az2"]),
        ("ap-southeast-5", ["apse5-az1", "apse5-az2"]),
        ("us-gov-west-1", ["usgw1-az1", "usgw1-az2"]),
    ],
)
def test_zones_have_ids_by_their_region(region, ids):
    assert zone_ids(region) == ids


@pytest.mark.parametrize(
    ("cpu", "memory", "least"),
    [
        (0, 0, (256, 512)),
        (256, 513, (256, 1024)),
        (256, 3000, (512, 3072)),
        (300, 0, (512, 1024)),
        (9e9, 1, (16384, 122880)),
    ],
)
def test_a_size_is_the_least_that_fargate_has(cpu, memory, least):
    assert size(cpu, memory) == least


@pytest.mark.parametrize(
    ("value", "mib"), [("512", 512), ("512m", 512), ("2 GB", 2048), ("1g", 1024), ("1073741824", 1024), ("1Gi", 1024)]
)
def test_memory_is_in_mebibytes(value, mib):
    assert mebibytes(value) == mib


@pytest.mark.parametrize(
    ("value", "number"),
    [("30", 30), (30, 30), (1, 1), (0, 1), ("0", 1), ("30s", 30), ("1m30s", 90), ("500ms", 1), ("0s", 1), ("1h", 3600)],
)
def test_a_duration_is_in_seconds(value, number):
    assert seconds(value) == number


@pytest.mark.parametrize(
    ("text", "name"), [("Web_Shop", "web-shop"), ("9lives", "app-9lives"), ("a" * 30, "a" * 18), ("x--y", "x-y")]
)
def test_a_name_is_one_of_a_service(text, name):
    assert name_of(text) == name
