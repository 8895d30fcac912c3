#!/usr/bin/python
# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ecs_task_definition
version_added: 1.0.0
short_description: Register and deregister Amazon ECS task definitions
description:
  - Registers a revision of a task definition only if something differs from the family's newest ACTIVE revision. Both are
    normalized before the comparison, so that defaults of ECS, the order of variables, or a number as a string do not result
    in a new revision.
  - A revision is compared as a whole, so omitted options are removed. If only tags differ, they are changed on the
    existing revision.
  - Every key of RegisterTaskDefinition that the installed botocore knows is accepted. Errors are reported with their path
    before anything is changed, such as C(container_definitions[0].enviroment; did you mean 'environment'?).
  - Keys are in snake_case. AWS's camelCase (C(portMappings)) is also accepted, as task definitions are often copied from
    elsewhere. The keys of log options, Docker labels and environment variables are not converted.
author:
  - magiclub.fargate contributors (@magiclub)
options:
  state:
    description:
      - V(present) ensures that the newest ACTIVE revision matches the options.
      - V(absent) deregisters all ACTIVE revisions of the family, or O(revision). Services that use them keep running.
    type: str
    choices: [present, absent]
    default: present
  family:
    description:
      - The family, which is the name of the task definition.
      - At most 255 letters, digits, underscores and hyphens.
      - Required unless O(definition) has it.
    type: str
    aliases: [name]
  definition:
    description:
      - A task definition in the format of other tools, such as the output of C(aws ecs describe-task-definition), or a file for
        C(ecspresso) or the GitHub action C(amazon-ecs-deploy-task-definition). Other options override it.
      - Keys may be in camelCase and all below C(taskDefinition), and tags may be a list of C(key) and C(value). Output-only
        keys, such as C(revision) and C(requiresAttributes), and null and empty values are ignored.
    type: dict
  revision:
    description: The revision to deregister. If omitted, all ACTIVE ones. Only with O(state=absent).
    type: int
  delete:
    description:
      - Whether to delete the revisions, too, including INACTIVE ones. Only with O(state=absent).
      - ECS keeps them as DELETE_IN_PROGRESS as long as a task or service uses them.
    type: bool
    default: false
  cluster:
    description:
      - With O(state=absent), the cluster in which tasks of the family are stopped first, such as those of a schedule or of
        RunTask. They would keep their network interfaces and their cluster in use.
    type: str
  keep:
    description:
      - Number of newest ACTIVE revisions to keep, at least V(1). Older ones that no service of any cluster uses are
        deregistered after the new one is registered. If omitted, none is deregistered.
      - Use V(2) or more, so that a rollback finds its revision.
    type: int
  show_environment:
    description:
      - Whether to show values of environment variables in RV(changes), in RV(task_definition) and with C(--diff). If not,
        V((sensitive\)) replaces them.
      - Values of secrets are never shown, as only their ARNs are known. Log options with secret-sounding names (C(token),
        C(password), C(key)) are never shown either.
    type: bool
    default: false
  cpu:
    description:
      - CPU units of the task, with V(1024) for one vCPU, or vCPUs such as V(0.5 vCPU).
      - Required for Fargate, which supports V(256), V(512), V(1024), V(2048), V(4096), V(8192) and V(16384).
    type: str
  memory:
    description:
      - Memory of the task in MiB, or in GB such as V(1 GB).
      - Required for Fargate, which supports certain sizes for each O(cpu). The error for an invalid pair lists the valid
        ones.
    type: str
  network_mode:
    description:
      - Docker networking mode. If omitted, V(awsvpc) for Fargate, which supports no other, else V(bridge).
    type: str
    choices: [awsvpc, bridge, host, none]
  requires_compatibilities:
    description: The launch types for which ECS validates the task definition, usually V(FARGATE).
    type: list
    elements: str
    choices: [EC2, FARGATE, EXTERNAL, MANAGED_INSTANCES]
  execution_role_arn:
    description: ARN of the role with which ECS pulls the images, reads the secrets and writes the logs.
    type: str
  task_role_arn:
    description: ARN of the role of the containers.
    type: str
  runtime_platform:
    description: Platform of the containers. If omitted, V(X86_64) and V(LINUX) on Fargate.
    type: dict
    suboptions:
      cpu_architecture:
        description: V(X86_64) or V(ARM64). It has to match the images.
        type: str
      operating_system_family:
        description: V(LINUX), or AWS's name of a Windows Server version.
        type: str
  ephemeral_storage:
    description: Ephemeral storage of the task on Fargate. If omitted, 20 GiB.
    type: dict
    suboptions:
      size_in_gib:
        description: Size in GiB, V(21) to V(200).
        type: int
        required: true
  pid_mode:
    description: Process namespace. With V(task), the containers share one. V(host) is not for Fargate.
    type: str
    choices: [host, task]
  ipc_mode:
    description: IPC namespace. Not for Fargate.
    type: str
    choices: [host, task, none]
  enable_fault_injection:
    description: Whether to accept fault injection requests from the task's containers.
    type: bool
  trusted_execution_configuration:
    description:
      - Isolation of tasks on Amazon ECS Managed Instances. Needs botocore 1.44. Has
        C(isolation_mode) (V(SHARED), V(ISOLATED_SANDBOX), V(CONFIDENTIAL_SANDBOX)) and C(attestation_policy) (base64).
    type: dict
  placement_constraints:
    description: Rules for the container instances of EC2. Not for Fargate.
    type: list
    elements: dict
    suboptions:
      type:
        description: Type of the constraint, V(memberOf).
        type: str
      expression:
        description: Expression in the cluster query language.
        type: str
  proxy_configuration:
    description: Configuration of the App Mesh proxy.
    type: dict
    suboptions:
      type:
        description: Type of the proxy, V(APPMESH).
        type: str
      container_name:
        description: Name of the proxy's container.
        type: str
        required: true
      properties:
        description: Network configuration of the proxy, as a map or a list of C(name) and C(value).
        type: raw
  inference_accelerators:
    description: Elastic Inference accelerators.
    type: list
    elements: dict
    suboptions:
      device_name:
        description: Name of the device in the container.
        type: str
        required: true
      device_type:
        description: Type of the accelerator.
        type: str
        required: true
  volumes:
    description: Volumes that the containers can mount.
    type: list
    elements: dict
    suboptions:
      name:
        description: Name of the volume, for C(mount_points).
        type: str
      host:
        description: A path of the container instance (C(source_path)). Empty for storage of the task.
        type: dict
      configured_at_launch:
        description: Whether the service configures the volume, as is required for EBS volumes.
        type: bool
      efs_volume_configuration:
        description:
          - An EFS file system, with C(file_system_id), C(root_directory), C(transit_encryption) (V(ENABLED)),
            C(transit_encryption_port) and C(authorization_config) with C(access_point_id) and C(iam) (V(ENABLED)).
        type: dict
      s3files_volume_configuration:
        description:
          - An S3 file system, with C(file_system_arn), C(root_directory), C(transit_encryption_port) and
            C(access_point_arn).
        type: dict
      fsx_windows_file_server_volume_configuration:
        description:
          - An FSx for Windows file system, with C(file_system_id), C(root_directory) and C(authorization_config)
            with C(credentials_parameter) and C(domain).
        type: dict
      docker_volume_configuration:
        description:
          - A Docker volume on EC2, with C(scope) (V(task) or V(shared)), C(autoprovision), C(driver),
            C(driver_opts) and C(labels).
        type: dict
  container_definitions:
    description:
      - The containers. Required for O(state=present), unless O(definition) has them.
    type: list
    elements: dict
    aliases: [containers]
    suboptions:
      name:
        description: Name of the container.
        type: str
        required: true
      image:
        description: Image of the container, preferably by digest (C(repository@sha256:…)), which never changes.
        type: str
        required: true
      command:
        description: The command and its arguments.
        type: list
        elements: str
      entry_point:
        description: The entry point and its arguments.
        type: list
        elements: str
      environment:
        description: Environment variables, as a map of names to values or a list of C(name) and C(value).
        type: raw
      environment_files:
        description: Files with variables in S3. Each has C(value), the ARN of the file, and C(type), V(s3).
        type: list
        elements: dict
      secrets:
        description:
          - Variables whose values ECS reads when the task starts, as a map of names to ARNs (of Secrets Manager secrets or
            SSM parameters) or a list of C(name) and C(value_from).
        type: raw
      port_mappings:
        description: Ports of the container.
        type: list
        elements: dict
        suboptions:
          container_port:
            description: Port of the container.
            type: int
          host_port:
            description: Port of the host. If omitted, that of the container with C(awsvpc), a dynamic one with C(bridge).
            type: int
          protocol:
            description: Protocol of the port, V(tcp) or V(udp).
            type: str
            default: tcp
          name:
            description: Name of the port, for Service Connect.
            type: str
          app_protocol:
            description: Application protocol for Service Connect, V(http), V(http2) or V(grpc).
            type: str
          container_port_range:
            description: Range of ports (first-last), instead of C(container_port).
            type: str
      cpu:
        description: CPU units of the container.
        type: int
        default: 0
      memory:
        description: Hard memory limit in MiB. A container that exceeds it is killed.
        type: int
      memory_reservation:
        description: Memory in MiB that is reserved for the container.
        type: int
      essential:
        description: Whether the task stops when this container stops.
        type: bool
        default: true
      restart_policy:
        description:
          - Restarts the container without replacing the task. Has C(enabled), C(ignored_exit_codes) and
            C(restart_attempt_period) (seconds, 60 to 1800, default 300).
        type: dict
      health_check:
        description: Health check of the container.
        type: dict
        suboptions:
          command:
            description: The command, a list that begins with V(CMD) or V(CMD-SHELL).
            type: list
            elements: str
            required: true
          interval:
            description: Seconds between checks, 5 to 300.
            type: int
            default: 30
          timeout:
            description: Seconds after which a check fails, 2 to 60.
            type: int
            default: 5
          retries:
            description: Consecutive failed checks after which the container is unhealthy, 1 to 10.
            type: int
            default: 3
          start_period:
            description: Seconds after the start for which failed checks are ignored, 0 to 300.
            type: int
            default: 0
      depends_on:
        description:
          - Containers that this one depends on. Each has C(container_name) and C(condition), which is V(START),
            V(COMPLETE), V(SUCCESS) or V(HEALTHY).
        type: list
        elements: dict
      start_timeout:
        description: Seconds to wait for containers in C(depends_on), at most 120 on Fargate.
        type: int
      stop_timeout:
        description: Seconds between SIGTERM and SIGKILL, at most 120 on Fargate. If omitted, 30.
        type: int
      log_configuration:
        description: Logging of standard output and error.
        type: dict
        suboptions:
          log_driver:
            description: Log driver, V(awslogs), V(splunk) or V(awsfirelens) on Fargate. EC2 supports others, too.
            type: str
            required: true
          options:
            description: Options of the driver. Keys are not converted.
            type: dict
          secret_options:
            description: Options from secrets, as a map of names to ARNs or a list of C(name) and C(value_from).
            type: raw
      firelens_configuration:
        description: Makes this container the log router. Has C(type), V(fluentbit) or V(fluentd), and the map C(options).
        type: dict
      mount_points:
        description: Volumes to mount. Each has C(source_volume), C(container_path) and C(read_only).
        type: list
        elements: dict
      volumes_from:
        description: Containers whose volumes to mount. Each has C(source_container) and C(read_only).
        type: list
        elements: dict
      readonly_root_filesystem:
        description: Whether the container's root file system is read-only.
        type: bool
        default: false
      linux_parameters:
        description:
          - Settings of the Linux kernel, with C(init_process_enabled), C(capabilities) (C(add), C(drop)), C(devices)
            (C(host_path), C(container_path), C(permissions)), C(tmpfs) (C(container_path), C(size) in MiB,
            C(mount_options)), C(shared_memory_size), C(max_swap) (both MiB) and C(swappiness).
        type: dict
      ulimits:
        description: Resource limits. Each has C(name), such as V(nofile), C(soft_limit) and C(hard_limit).
        type: list
        elements: dict
      system_controls:
        description: Kernel parameters, as a map of names to values or a list of C(namespace) and C(value).
        type: raw
      user:
        description: User, preferably by number, such as V(10001) or V(10001:10001).
        type: str
      working_directory:
        description: Working directory.
        type: str
      hostname:
        description: Host name. Not with C(awsvpc).
        type: str
      links:
        description: Container links. Only with C(bridge).
        type: list
        elements: str
      extra_hosts:
        description: Lines of /etc/hosts. Each has C(hostname) and C(ip_address). Not with C(awsvpc).
        type: list
        elements: dict
      dns_servers:
        description: Name servers, in order. Not for Fargate.
        type: list
        elements: str
      dns_search_domains:
        description: DNS search domains, in order. Not for Fargate.
        type: list
        elements: str
      docker_labels:
        description: Docker labels. Keys are not converted.
        type: dict
      docker_security_options:
        description: Options for SELinux and AppArmor. Not for Fargate.
        type: list
        elements: str
      credential_specs:
        description: Credential specification files for Active Directory.
        type: list
        elements: str
      repository_credentials:
        description: Credentials for a private registry. Has C(credentials_parameter), the ARN of their secret.
        type: dict
      resource_requirements:
        description:
          - Resources such as GPUs. Each has C(type) (V(GPU)) and C(value). With botocore 1.44, C(sharing_strategy) with
            C(nvidia_mps) (C(memory), C(max_compute_percent)) can replace C(value).
        type: list
        elements: dict
      version_consistency:
        description: Whether ECS resolves the image tag to a digest once per deployment. If omitted, V(enabled).
        type: str
      privileged:
        description: Whether the container has elevated privileges on the host. Not for Fargate.
        type: bool
        default: false
      disable_networking:
        description: Whether the container has no network. Not for Fargate.
        type: bool
        default: false
      interactive:
        description: Whether to keep standard input open.
        type: bool
        default: false
      pseudo_terminal:
        description: Whether to allocate a TTY.
        type: bool
        default: false
notes:
  - With O(state=present) in check mode, RV(revision) and RV(task_definition) are null if a revision would be registered, and
    RV(task_definition_arn) is V(family:(new revision\)), which M(magiclub.fargate.ecs_service) accepts in check mode.
  - ECS may not know a role yet that was created within the last 5 minutes. If it refuses such a role, the call is retried
    for up to 2 minutes. The age of the role is read with C(iam:GetRole).
  - "IAM actions: C(ecs:DescribeTaskDefinition), C(ecs:RegisterTaskDefinition), C(ecs:TagResource),
    C(ecs:UntagResource), C(iam:PassRole) and C(iam:GetRole) for the roles; with O(keep) or O(state=absent) also
    C(ecs:ListTaskDefinitions), C(ecs:DeregisterTaskDefinition); with O(keep) C(ecs:ListClusters),
    C(ecs:ListServices), C(ecs:DescribeServices); with O(delete) C(ecs:DeleteTaskDefinitions)."
seealso:
  - module: magiclub.fargate.ecs_service
  - name: RegisterTaskDefinition
    description: API reference.
    link: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html
  - name: Task size
    description: The pairs of CPU and memory that Fargate supports.
    link: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html#fargate-tasks-size
extends_documentation_fragment:
  - magiclub.fargate.attributes.compares
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - magiclub.fargate.requirements
"""

EXAMPLES = r"""
- name: Register the task definition in a file, with other tags
  magiclub.fargate.ecs_task_definition:
    definition: "{{ lookup('ansible.builtin.file', 'task-definition.json') }}"
    tags:
      Build: "{{ build }}"

- name: Register a task definition if it differs
  magiclub.fargate.ecs_task_definition:
    family: magiclub-an2p-lotto
    requires_compatibilities: [FARGATE]
    cpu: 512
    memory: 1024
    execution_role_arn: arn:aws:iam::123456789012:role/magiclub-an2p-execution
    container_definitions:
      - name: lotto-api
        image: 123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/magiclub-an2p-lotto@sha256:5b2c…
        port_mappings:
          - container_port: 8080
        environment:
          LOG_LEVEL: info
        secrets:
          DB_PASSWORD: arn:aws:ssm:ap-northeast-2:123456789012:parameter/lotto/db_password
        log_configuration:
          log_driver: awslogs
          options:
            awslogs-group: /ecs/magiclub-an2p-lotto
            awslogs-region: ap-northeast-2
            awslogs-stream-prefix: ecs
        readonly_root_filesystem: true
        linux_parameters:
          init_process_enabled: true
    tags:
      Project: magiclub
    keep: 10
  register: task_definition

- name: Deregister one revision
  magiclub.fargate.ecs_task_definition:
    family: magiclub-an2p-lotto
    revision: 3
    state: absent

- name: Deregister and delete all revisions
  magiclub.fargate.ecs_task_definition:
    family: magiclub-an2p-lotto
    state: absent
    delete: true
"""

RETURN = r"""
changes:
  description:
    - The differences between the newest ACTIVE revision and the options, including tags.
    - With O(state=absent), the changed status of the revisions.
  returned: always
  type: list
  elements: dict
  contains:
    path:
      description: Path of the field, with the names of containers.
      type: str
    before:
      description: The value of the newest ACTIVE revision. Null if there is none.
      type: raw
    after:
      description: The desired value. Null if it is removed.
      type: raw
  sample: [{path: container_definitions.lotto-api.cpu, before: 0, after: 256}]
deleted:
  description: ARNs of the deleted revisions.
  returned: with O(state=absent)
  type: list
  elements: str
  sample: []
stopped:
  description: ARNs of the tasks that were stopped.
  returned: with O(state=absent)
  type: list
  elements: str
  sample: []
deregistered:
  description: ARNs of the revisions that were deregistered.
  returned: always
  type: list
  elements: str
  sample: ["arn:aws:ecs:ap-northeast-2:123456789012:task-definition/magiclub-an2p-lotto:1"]
family:
  description: The family.
  returned: always
  type: str
  sample: magiclub-an2p-lotto
revision:
  description: Number of the newest ACTIVE revision. Null in check mode if one would be registered.
  returned: with O(state=present)
  type: int
  sample: 4
task_definition:
  description:
    - The newest ACTIVE revision as DescribeTaskDefinition returns it, in snake_case, with tags as a map.
    - Null in check mode if one would be registered.
  returned: with O(state=present)
  type: dict
  sample: {family: magiclub-an2p-lotto, revision: 4, cpu: "512", memory: "1024", network_mode: awsvpc}
task_definition_arn:
  description:
    - ARN of the newest ACTIVE revision.
    - V(family:(new revision\)) in check mode if one would be registered.
  returned: with O(state=present)
  type: str
  sample: arn:aws:ecs:ap-northeast-2:123456789012:task-definition/magiclub-an2p-lotto:4
"""

import typing as t

from ansible_collections.magiclub.fargate.plugins.module_utils._aws.errors import failing
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.module import Module
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.retry import new_roles
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs import redact, task_definition

FIELDS: dict[str, dict[str, t.Any]] = {
    "family": {"aliases": ["name"]},
    "container_definitions": {"type": "list", "elements": "dict", "aliases": ["containers"]},
    "cpu": {},
    "enable_fault_injection": {"type": "bool"},
    "ephemeral_storage": {"type": "dict"},
    "execution_role_arn": {},
    "inference_accelerators": {"type": "list", "elements": "dict"},
    "ipc_mode": {"choices": ["host", "task", "none"]},
    "memory": {},
    "network_mode": {"choices": ["awsvpc", "bridge", "host", "none"]},
    "pid_mode": {"choices": ["host", "task"]},
    "placement_constraints": {"type": "list", "elements": "dict"},
    "proxy_configuration": {"type": "dict"},
    "requires_compatibilities": {
        "type": "list",
        "elements": "str",
        "choices": ["EC2", "FARGATE", "EXTERNAL", "MANAGED_INSTANCES"],
    },
    "runtime_platform": {"type": "dict"},
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "task_role_arn": {},
    "trusted_execution_configuration": {"type": "dict"},
    "volumes": {"type": "list", "elements": "dict"},
}

ARGUMENTS = {
    **FIELDS,
    "definition": {"type": "dict"},
    "state": {"choices": ["present", "absent"], "default": "present"},
    "delete": {"type": "bool", "default": False},
    "cluster": {},
    "keep": {"type": "int"},
    "purge_tags": {"type": "bool", "default": True},
    "revision": {"type": "int"},
    "show_environment": {"type": "bool", "default": False},
}


def main() -> None:
    module = Module(
        argument_spec=ARGUMENTS,
        required_one_of=[("family", "definition")],
        required_if=[("state", "present", ["container_definitions", "definition"], True)],
        supports_check_mode=True,
    )
    options = whole(module)
    # Ansible prints the arguments with -vvv, including aliases.
    module.params.pop("containers", None)
    module.params["container_definitions"] = redact.without_secret_options(module.params["container_definitions"])
    if not module.params["show_environment"]:
        module.params.update(redact.without_environment(module.params))
    if module.params["keep"] is not None and module.params["keep"] < 1:
        module.fail_json(msg=f"keep: {module.params['keep']} is out of range: keep 1 revision at least. Raise it.")
    present = module.params["state"] == "present"
    with failing(module, f"{'register' if present else 'deregister'} task definition {module.params['family']}"):
        module.exit_json(**run(module, options))


def whole(module: Module) -> dict[str, t.Any]:
    """Return all fields: those of the option C(definition), overridden by the other options."""
    kept = task_definition.pasted(module.params.pop("definition") or {})
    given = {name: module.params[name] for name in FIELDS if module.params[name] is not None}
    module.params["family"] = given.get("family") or kept.get("family")
    if not module.params["family"]:
        module.fail_json(msg="definition: it has no family. Add it, or set family.")
    return {**dict.fromkeys(FIELDS), **kept, **given, "family": module.params["family"]}


def run(module: Module, options: dict[str, t.Any]) -> dict[str, t.Any]:
    client = module.client("ecs")
    if module.params["state"] == "absent":
        revision, delete, cluster = (module.params[name] for name in ("revision", "delete", "cluster"))
        return task_definition.absent(
            client, options["family"], revision=revision, delete=delete, cluster=cluster, check_mode=module.check_mode
        )
    return task_definition.present(
        client,
        options,
        purge_tags=module.params["purge_tags"],
        keep=module.params["keep"],
        show_environment=module.params["show_environment"],
        check_mode=module.check_mode,
        is_new=new_roles(lambda: module.client("iam")),
    )


if __name__ == "__main__":
    main()
