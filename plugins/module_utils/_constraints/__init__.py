# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What AWS takes: the constraints of the strings and numbers that a plan sends, before the first of them is sent.

C(shapes.json) is an extract of botocore's service models, which botocore itself does not check against: pattern,
min, max and enum.  C(documented.py) adds what AWS says in words only, C(sent.py) tells which field of which planned
resource goes to which member of which operation.  C(python -m tests.checks.constraints) writes the extract.
"""
