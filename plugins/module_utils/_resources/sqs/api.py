# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""SQS calls that read queues; M(community.aws.sqs_queue) creates them."""

from __future__ import annotations

import functools
import json
import typing as t

from ..._aws.read import call, in_parallel, none_if_missing, of_each, pages

Client = t.Any
Data = dict[str, t.Any]

MISSING = ("AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist")


def queues(client: Client, prefix: str, wanted: t.Container[str]) -> list[Data]:
    """Return the I(wanted) queues that exist, with attributes and tags; their names begin with I(prefix).

    SQS lists a queue for a minute after its deletion (API_DeleteQueue), so each is read, too.
    """
    given = {"QueueNamePrefix": prefix} if prefix else {}
    urls = {str(url).rpartition("/")[2]: str(url) for url in pages(client, "list_queues", "QueueUrls", **given)}
    found = of_each([name for name in urls if name in wanted], lambda name: _queue(client, name, urls[name]))
    return [one for one in found.values() if one]


def existing(client: Client, names: t.Iterable[str]) -> list[str]:
    """Return the I(names) of queues that exist in this account and region."""
    listed = of_each(names, lambda name: list(pages(client, "list_queues", "QueueUrls", QueueNamePrefix=name)))
    return [name for name, urls in listed.items() if name in {str(url).rpartition("/")[2] for url in urls}]


def _queue(client: Client, name: str, url: str) -> Data | None:
    answer = none_if_missing(
        functools.partial(
            in_parallel,
            attributes=lambda: call(client, "get_queue_attributes", QueueUrl=url, AttributeNames=["All"]),
            tags=lambda: call(client, "list_queue_tags", QueueUrl=url),
        ),
        *MISSING,
    )
    if answer is None:
        return None
    attributes = answer["attributes"]["Attributes"]
    return {
        "QueueName": name,
        "QueueUrl": url,
        "Attributes": attributes,
        "RedrivePolicy": json.loads(attributes.get("RedrivePolicy") or "{}"),
        "Tags": answer["tags"].get("Tags") or {},
    }
