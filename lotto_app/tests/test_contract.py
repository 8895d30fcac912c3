"""Schemathesis looks for an answer that the OpenAPI document does not allow."""

from __future__ import annotations

import schemathesis
from hypothesis import settings

from lotto_app.app import create_app

schema = schemathesis.openapi.from_wsgi("/api/openapi.json", create_app())


@schema.parametrize()
@settings(max_examples=200, deadline=None, derandomize=True)
def test_every_answer_is_as_documented(case):
    case.call_and_validate()
