# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""ECS's messages about tasks that can't be initialized: logs, environment files, file systems, secrets."""

from __future__ import annotations

from .model import Message
from .words import DENIED, INIT, NO_WAY, REACH_SECRETS, reach

INITIALIZATION: tuple[Message, ...] = (
    # --- logs
    Message(
        "failed to validate logger args: … There is a connection issue between the task and Amazon CloudWatch",
        r"(logger args|log group|logging driver|log stream).*" + NO_WAY,
        "cannot_start",
        "perhaps",
        "The task can't reach CloudWatch Logs.",
        reach("CloudWatch Logs", "logs"),
        INIT,
    ),
    Message(
        "failed to validate logger args: … not authorized to perform: logs:…",
        r"not authorized to perform: logs:|(logger args|log group|logging driver|log stream).*" + DENIED,
        "cannot_start",
        "perhaps",
        "The execution role may not write to the log group.",
        "Allow the execution role logs:CreateLogStream and logs:PutLogEvents on the log group (logs:CreateLogGroup, "
        "too, where the log driver is to create it).",
        INIT,
    ),
    Message(
        "The specified log group does not exist",
        r"log group does not exist|logger args.*ResourceNotFoundException|cannot find the Amazon CloudWatch log group",
        "cannot_start",
        "no",
        "The log group that the task definition names does not exist.",
        "Create the log group in the region that the log driver's options name, or correct its name.",
        INIT,
    ),
    Message(
        "failed to initialize logging driver: …",
        r"logging driver|logger args",
        "cannot_start",
        "perhaps",
        "The log driver can't start; as a rule the log group does not exist.",
        "Create the log group that the task definition names, or correct the options of its log driver.",
        INIT,
    ),
    Message(
        "… firelens …",
        r"\bfirelens\b",
        "cannot_start",
        "perhaps",
        "The log router (FireLens) can't start, or can't get its configuration.",
        "Check the log router's image and configuration file; where that is in S3, the task role needs s3:GetObject "
        "and s3:GetBucketLocation.",
        INIT,
    ),
    # --- environment files
    Message(
        "failed to download env files: … not found",
        r"(env(ironment variable)? files?\b).*(not ?found|NoSuchKey|NoSuchBucket|StatusCode: 404)",
        "cannot_start",
        "no",
        "The environment file is not in the bucket.",
        "Put the environment file into the bucket, or correct its address in the task definition.",
        INIT,
    ),
    Message(
        "failed to download env files: … StatusCode: 403, … Forbidden",
        r"(env(ironment variable)? files?\b).*" + DENIED,
        "cannot_start",
        "perhaps",
        "The execution role may not read the environment file.",
        "Allow the execution role s3:GetObject on the environment file and s3:GetBucketLocation on its bucket (and "
        "kms:Decrypt where a key of your own encrypts it).",
        INIT,
    ),
    Message(
        "The task cannot download the environment variable files from Amazon S3. There is a connection issue …",
        r"(env(ironment variable)? files?\b)",
        "cannot_start",
        "perhaps",
        "The task can't get its environment file from S3.",
        reach("S3", "S3's gateway endpoint, with a route to it"),
        INIT,
    ),
    # --- EFS
    Message(
        "failed to invoke EFS utils commands …: … access denied by server",
        r"(EFS|mount\.nfs).*" + DENIED,
        "cannot_start",
        "perhaps",
        "The file system does not let the task in.",
        "Allow the task role elasticfilesystem:ClientMount (and ClientWrite), in the file system's policy, too, and "
        "check the access point and that transit encryption is on where IAM is asked.",
        INIT,
    ),
    Message(
        "failed to invoke EFS utils commands …: Failed to resolve …efs….amazonaws.com",
        r"EFS.*fail(ed)? to resolve",
        "cannot_start",
        "perhaps",
        "The file system has no mount target in the VPC, or the VPC does not resolve its name.",
        "Check the file system's ID, give it a mount target in each zone of the tasks, and turn DNS support and DNS "
        "host names of the VPC on.",
        INIT,
    ),
    Message(
        "failed to invoke EFS utils commands …: … reason given by server: No such file or directory",
        r"EFS.*(no such file or directory|does not exist)",
        "cannot_start",
        "no",
        "The directory is not in the file system.",
        "Create the directory in the file system, or use an access point that creates its root directory.",
        INIT,
    ),
    Message(
        "failed to invoke EFS utils commands to set up EFS volumes: …",
        r"EFS (utils|volume)|mount\.nfs",
        "cannot_start",
        "perhaps",
        "The task can't mount its file system.",
        "Let the file system's security group take port 2049 (NFS) from the tasks' group, and check its mount targets.",
        INIT,
    ),
    # --- secrets
    Message(
        "retrieved secret from Secrets Manager did not contain json key …",
        r"did not contain json key",
        "secrets",
        "no",
        "The secret has no such key.",
        "Add the key to the secret's JSON, or correct it in the task definition.",
        INIT,
    ),
    Message(
        "unable to retrieve secret from asm: … There is a connection issue between the task and AWS Secrets Manager",
        r"(secrets? manager|secretsmanager|from asm).*" + NO_WAY,
        "secrets",
        "perhaps",
        "The task can't reach Secrets Manager.",
        REACH_SECRETS,
        INIT,
    ),
    Message(
        "The task cannot pull secrets from AWS Systems Manager Parameter Store. Check your network connection …",
        r"(systems manager|parameter store|from ssm).*" + NO_WAY,
        "secrets",
        "perhaps",
        "The task can't reach Systems Manager.",
        REACH_SECRETS,
        INIT,
    ),
    Message(
        "… not authorized to perform: kms:Decrypt …",
        r"not authorized to perform: kms:|access to KMS is not allowed|KMS.*" + DENIED,
        "secrets",
        "perhaps",
        "The execution role may not use the key that encrypts the secret.",
        "Allow the execution role kms:Decrypt on the key, in its own policy and in the key's.",
        INIT,
    ),
    Message(
        "… not authorized to perform: secretsmanager:GetSecretValue …, … ssm:GetParameters …",
        r"not authorized to perform: (secretsmanager|ssm):|(\b(asm|ssm)\b|secrets manager|parameter store).*" + DENIED,
        "secrets",
        "perhaps",
        "The execution role may not read the secret.",
        "Allow the execution role secretsmanager:GetSecretValue or ssm:GetParameters on it; a new permission takes a "
        "while to be seen.",
        INIT,
    ),
    Message(
        "The task can't retrieve the secret with ARN '…' from AWS Secrets Manager. Check whether the secret exists …",
        r"can't find the specified secret|Check whether the secret exists|(\basm\b|secrets? manager).*ResourceNotFound",
        "secrets",
        "no",
        "There is no such secret in that region.",
        "Create the secret in the task's region, or correct its ARN in the task definition.",
        "resource-not-found-error",
    ),
    Message(
        "… from secrets manager: InvalidParameter: … GetSecretValueInput.VersionId",
        r"GetSecretValueInput|(\basm\b|secrets? manager).*InvalidParameter",
        "secrets",
        "no",
        "The secret's ARN with key and version is not well formed.",
        "Write it as ARN:key:version-stage:version-id, with all colons where one of the three is given.",
        INIT,
    ),
    Message(
        "unable to retrieve secrets from ssm: invalid ssm parameters: …",
        r"invalid ssm param|ParameterNotFound",
        "secrets",
        "no",
        "There is no such parameter in that region.",
        "Create the parameter in the task's region, or correct its name in the task definition.",
        INIT,
    ),
    Message(
        "unable to retrieve secret from asm: …, unable to retrieve secrets from ssm: …",
        r"secrets? from (asm|ssm)|secrets manager|ssm param|parameter store",
        "secrets",
        "perhaps",
        "The secret can't be read.",
        "Check that the secret exists in the task's region, that the execution role may read it and that the task's "
        "subnets reach Secrets Manager or Systems Manager.",
        INIT,
    ),
)
