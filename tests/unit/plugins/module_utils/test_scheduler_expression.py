# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import datetime

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.scheduler import expression

SIX = "and AWS takes six, minutes hours day-of-month month day-of-week year, as in '0 2 * * ? *' for 2 o'clock."


@pytest.mark.parametrize(
    "cron",
    [
        # examples of schedule-types.html, and each wildcard once
        "15 12 * * ? *",
        "15 10 ? * 6L 2022-2023",
        "0 18 ? * MON-FRI *",
        "0/15 * * * ? *",
        "0/10 8-17 ? * mon,wed *",
        "0 8 1 * ? *",
        "0 0 L * ? *",
        "0 0 LW JAN-MAR ? *",
        "0 0 3W * ? *",
        "0 9 ? * 2#1 *",
        "0 9 ? * MON#3 *",
        "0 9 ? * L *",
        "0 9 ? * FRIL 2030",
        "*/5 */2 1/7 1/3 ? 2026/2",
    ],
)
def test_what_aws_takes_as_cron(cron):
    assert expression.cron_problem(cron) is None


@pytest.mark.parametrize(
    ("cron", "problem"),
    [
        ("0 2 * * *", f"has 5 fields, {SIX} Write '0 2 * * ? *'."),
        ("0 2 1 * *", f"has 5 fields, {SIX} Write '0 2 1 * ? *'."),
        ("30 8 * * 1-5", f"has 5 fields, {SIX} Write '30 8 ? * MON-FRI *'."),
        ("0 3 * * 0", f"has 5 fields, {SIX} Write '0 3 ? * SUN *'."),
        ("0 3 * * 7,3", f"has 5 fields, {SIX} Write '0 3 ? * SUN,WED *'."),
        ("cron(0 2 * * ? *)", "is the whole expression. Write '0 2 * * ? *'."),
        ("@daily", f"has 1 fields, {SIX}"),
        (
            "0 2 1 * MON *",
            "has both day-of-month 1 and day-of-week MON, and AWS takes ? for one of the two: it is the other that says"
            " the days.",
        ),
        (
            "0 2 * * * *",
            "has both day-of-month * and day-of-week *, and AWS takes ? for one of the two: it is the other that says"
            " the days.",
        ),
        ("0 2 ? * ? *", "has ? for both, and AWS takes ? for one of the two: it is the other that says the days."),
        ("60 2 * * ? *", "has the minutes 60: it takes 0 to 59, with , - * /."),
        ("0 24 * * ? *", "has the hours 24: it takes 0 to 23, with , - * /."),
        (
            "0 22-2 * * ? *",
            "has the hours 22-2: a range goes from the lower to the higher, so write one that goes round as two.",
        ),
        ("0 2 32 * ? *", "has the day-of-month 32: it takes 1 to 31, with , - * /."),
        ("0 2 0 * ? *", "has the day-of-month 0: it takes 1 to 31, with , - * /."),
        ("0 2 32W * ? *", "has the day-of-month 32W: it takes 1 to 31, with , - * /."),
        ("0 2 * 13 ? *", "has the month 13: it takes 1 to 12 or JAN to DEC, with , - * /."),
        ("0 2 ? * 0 *", "has the day-of-week 0: it takes 1 to 7 or SUN to SAT, with , - *."),
        ("0 2 ? * 8 *", "has the day-of-week 8: it takes 1 to 7 or SUN to SAT, with , - *."),
        ("0 2 ? * MON/2 *", "has the day-of-week MON/2: it takes no steps with /."),
        ("0 2 ? * 3#1,6#3 *", "has the day-of-week 3#1,6#3: it takes 1 to 7 or SUN to SAT, with , - *."),
        ("0 2 ? * MON#6 *", "has the day-of-week MON#6: it takes 1 to 7 or SUN to SAT, with , - *."),
        ("? 2 * * ? *", "has the minutes ?: it takes 0 to 59, with , - * /."),
        ("0/0 2 * * ? *", "has the minutes 0/0: what follows / is a number from 1."),
        ("1-2-3 2 * * ? *", "has the minutes 1-2-3: it takes 0 to 59, with , - * /."),
        ("0, 2 * * ? *", "has the minutes 0,: it takes 0 to 59, with , - * /."),
        ("0 2 * * ? 1969", "has the year 1969: it takes 1970 to 2199, with , - * /."),
        ("0 2 * * ? 2200", "has the year 2200: it takes 1970 to 2199, with , - * /."),
    ],
)
def test_what_aws_refuses_of_cron(cron, problem):
    assert expression.cron_problem(cron) == problem


def test_digits_of_another_width_are_none():
    assert "it takes 0 to 59" in str(expression.cron_problem("\uff11 2 * * ? *"))
    assert "what follows / is a number" in str(expression.cron_problem("0/1\uff15 2 * * ? *"))


@pytest.mark.parametrize("rate", ["1 minute", "5 minutes", "12 hours", "7 days", "1 day", "10 minutes"])
def test_what_aws_takes_as_a_rate(rate):
    assert expression.rate_problem(rate) is None


@pytest.mark.parametrize(
    "rate",
    [
        "0 minutes",
        "-1 days",
        "1.5 hours",
        "30 seconds",
        "2 weeks",
        "hour",
        "5",
        "05 minutes",
        "1\uff15 minutes",
    ],
)
def test_what_aws_refuses_of_a_rate(rate):
    assert expression.rate_problem(rate) == "is not a number from 1 and minutes, hours or days, as in '15 minutes'."


def test_the_whole_expression_is_no_rate():
    assert expression.rate_problem("rate(5 minutes)") == "is the whole expression. Write '5 minutes'."


@pytest.mark.parametrize("rate", ["1 minutes", "1 hours", "1 days", "5 minute", "5 hour", "11 day"])
def test_scheduler_takes_either_unit_of_a_rate(rate):
    assert expression.rate_problem(rate) is None


@pytest.mark.parametrize(
    ("cron", "says"),
    [
        ("0 2 30 2 ? *", "never comes: no month of 2 has a day 30."),
        ("0 2 30,31 feb ? *", "never comes: no month of feb has a day 30."),
        ("0 2 31 4,6,9,11 ? *", "never comes: no month of 4,6,9,11 has a day 31."),
        ("0 2 29 2 ? *", None),
        ("0 2 31 1/6 ? *", None),
        ("0 2 29-31 2 ? *", None),
        ("0 2 31W 4 ? *", None),
        ("0 2 */31 2 ? *", None),
    ],
)
def test_a_day_that_no_month_has(cron, says):
    assert expression.cron_problem(cron) == says


def moment(text):
    return datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.UTC)


@pytest.mark.parametrize(
    ("cron", "timezone", "after", "next_"),
    [
        ("0 2 * * ? *", "UTC", "2026-11-30 02:00", "2026-12-01 02:00"),
        ("0 2 * * ? *", "UTC", "2026-11-30 01:59:59", "2026-11-30 02:00"),
        ("0 2 * * ? *", "Asia/Seoul", "2026-11-30 16:30", "2026-11-30 17:00"),
        ("0/15 * * * ? *", "UTC", "2026-12-31 23:46", "2027-01-01 00:00"),
        ("0 18 ? * MON-FRI *", "UTC", "2026-12-04 18:00", "2026-12-07 18:00"),
        ("0 8 1 * ? *", "UTC", "2026-12-01 08:00", "2027-01-01 08:00"),
        ("0 0 L * ? *", "UTC", "2027-02-01 00:00", "2027-02-28 00:00"),
        # the last day of January 2027 is a Sunday
        ("0 0 LW * ? *", "UTC", "2027-01-01 00:00", "2027-01-29 00:00"),
        # 2 January 2027 is a Saturday, 1 August 2026 and 31 May 2026 are at the end of a week and of a month
        ("0 0 2W * ? *", "UTC", "2027-01-01 00:00", "2027-02-02 00:00"),
        ("0 0 1W * ? *", "UTC", "2026-07-31 00:00", "2026-08-03 00:00"),
        ("0 0 31W * ? *", "UTC", "2026-05-15 00:00", "2026-05-29 00:00"),
        ("0 0 31W * ? *", "UTC", "2026-06-01 00:00", "2026-07-31 00:00"),
        ("0 0 3W * ? *", "UTC", "2026-12-31 00:00", "2027-01-04 00:00"),
        ("0 9 ? * 2#1 *", "UTC", "2026-12-08 00:00", "2027-01-04 09:00"),
        ("0 9 ? * MON#5 *", "UTC", "2026-12-01 00:00", "2027-03-29 09:00"),
        ("15 10 ? * 6L *", "UTC", "2026-12-01 00:00", "2026-12-25 10:15"),
        ("0 9 ? * L *", "UTC", "2026-12-01 00:00", "2026-12-05 09:00"),
        ("0 0 29 2 ? *", "UTC", "2026-12-01 00:00", "2028-02-29 00:00"),
        ("0 0 1 1 ? 2030/2", "UTC", "2026-12-01 00:00", "2030-01-01 00:00"),
        ("0 0 1 1 ? 2020", "UTC", "2026-12-01 00:00", None),
        ("0 0 30 2 ? *", "UTC", "2026-12-01 00:00", None),
        # Paris goes from 2:00 to 3:00 on 28 March 2027, and from 3:00 back to 2:00 on 31 October
        ("30 2 * * ? *", "Europe/Paris", "2027-03-27 12:00", "2027-03-29 00:30"),
        ("30 2 * * ? *", "Europe/Paris", "2027-10-30 12:00", "2027-10-31 00:30"),
        ("30 2 * * ? *", "Europe/Paris", "2027-10-31 00:30", "2027-11-01 01:30"),
        ("0 2 * * ? *", "Nowhere/Atall", "2026-12-01 00:00", None),
    ],
)
def test_when_a_cron_expression_comes_next(cron, timezone, after, next_):
    assert expression.next_run(f"cron({cron})", timezone, moment(after)) == (moment(next_) if next_ else None)


@pytest.mark.parametrize(
    ("rate", "last", "next_"),
    [
        ("15 minutes", "2026-11-30 01:50", "2026-11-30 02:05"),
        ("15 minutes", "2026-11-30 01:45", "2026-11-30 02:15"),
        ("1 hour", "2026-11-27 00:30", "2026-11-30 02:30"),
        ("7 days", "2026-11-30 02:00", "2026-12-07 02:00"),
        ("7 days", None, None),
        # longer than any calendar
        ("999999999999 days", "2026-11-30 02:00", None),
        ("99999999 hours", "2026-11-30 02:00", None),
    ],
)
def test_when_a_rate_comes_next(rate, last, next_):
    found = expression.next_run(f"rate({rate})", "UTC", moment("2026-11-30 02:00"), moment(last) if last else None)
    assert found == (moment(next_) if next_ else None)


def test_time_zones():
    assert expression.is_zone("UTC")
    assert expression.is_zone("Asia/Seoul")
    assert not expression.is_zone("Asia/Soul")
    assert not expression.is_zone("../etc/passwd")


def test_a_machine_without_time_zones_refuses_none(monkeypatch):
    monkeypatch.setattr(expression.zoneinfo, "available_timezones", set)
    assert expression.is_zone("Asia/Soul")


def test_the_form_of_the_api():
    assert expression.of("0 2 * * ? *", None) == "cron(0 2 * * ? *)"
    assert expression.of(None, "5 minutes") == "rate(5 minutes)"
    assert expression.next_run("at(2030-01-01T00:00:00)", "UTC", moment("2026-11-30 02:00")) is None
