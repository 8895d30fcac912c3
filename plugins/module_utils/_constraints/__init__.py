# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""AWS's constraints on the values of a plan, checked before the first of them is sent.

C(shapes.json) is an extract of the patterns, lengths, ranges and enums of botocore's service models, which botocore
itself does not enforce.  C(documented.py) adds what AWS only documents, C(sent.py) maps the fields of planned resources
to the members of API operations.  C(python -m tests.checks.constraints) writes the extract.
"""
