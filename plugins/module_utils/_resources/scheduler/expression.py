# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The expressions of EventBridge Scheduler: their problems, and the time of their next run.

https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
"""

from __future__ import annotations

import calendar
import datetime
import itertools
import re
import typing as t
import zoneinfo

MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
"""AWS counts Sunday as 1."""
FIELDS = "minutes hours day-of-month month day-of-week year"
SIX, FIVE = 6, 5

_RATE = re.compile(r"([1-9][0-9]*) (minute|hour|day)s?")
_CALL = re.compile(r"(?:cron|rate|at)\((.*)\)")
_SPECIAL_DAY = re.compile(r"L|LW|(?:[1-9]|[12][0-9]|3[01])W")
_SPECIAL_WEEKDAY = re.compile(r"([1-7]|[A-Z]{3})?L|([1-7]|[A-Z]{3})#[1-5]")


class Field(t.NamedTuple):
    """A field of a cron expression."""

    name: str
    low: int
    high: int
    words: tuple[str, ...] = ()
    steps: bool = True
    special: re.Pattern[str] | None = None


CRON = (
    Field("minutes", 0, 59),
    Field("hours", 0, 23),
    Field("day-of-month", 1, 31, special=_SPECIAL_DAY),
    Field("month", 1, 12, MONTHS),
    Field("day-of-week", 1, 7, WEEKDAYS, steps=False, special=_SPECIAL_WEEKDAY),
    Field("year", 1970, 2199),
)


def of(cron: str | None, rate: str | None) -> str:
    """Return the expression as the API takes it."""
    return f"cron({cron})" if cron else f"rate({rate})"


def rate_problem(rate: str) -> str | None:
    """Return the problem with a rate such as C(15 minutes), None if it is valid.

    Only rules of EventBridge need the singular after 1 and the plural otherwise: Scheduler accepts C(1 hours), as in
    the example of Terraform's C(aws_scheduler_schedule).
    """
    if inner := _CALL.fullmatch(rate):
        return f"is the whole expression. Write '{inner[1]}'."
    return None if _RATE.fullmatch(rate) else "is not a number from 1 and minutes, hours or days, as in '15 minutes'."


def cron_problem(cron: str) -> str | None:
    """Return the problem with a cron expression as the end of a sentence about it, None if it is valid."""
    if inner := _CALL.fullmatch(cron):
        return f"is the whole expression. Write '{inner[1]}'."
    parts = cron.split()
    if len(parts) != SIX:
        hint = f" Write '{_as_six(parts)}'." if len(parts) == FIVE else ""
        return f"has {len(parts)} fields, and AWS takes six, {FIELDS}, as in '0 2 * * ? *' for 2 o'clock.{hint}"
    for field, part in zip(CRON, parts, strict=True):
        if wrong := _field_problem(field, part.upper()):
            return f"has the {field.name} {part}: {wrong}."
    day, weekday = parts[2], parts[4]
    if (day == "?") == (weekday == "?"):
        why = "? for both" if day == "?" else f"both day-of-month {day} and day-of-week {weekday}"
        return f"has {why}, and AWS takes ? for one of the two: it is the other that says the days."
    return _never(parts)


def _never(parts: t.Sequence[str]) -> str | None:
    """Return the problem with an expression none of whose months has its day."""
    _minutes, _hours, days, months, _weekday, _year = parts
    if not re.fullmatch("[0-9,/-]+", days):
        return None
    # a leap year
    longest = max(calendar.monthrange(2024, month)[1] for month in _values(CRON[3], months.upper()))
    first = min(_values(CRON[2], days))
    return f"never comes: no month of {months} has a day {first}." if first > longest else None


def _as_six(five: t.Sequence[str]) -> str:
    """Return the five fields of crontab(5) in AWS's form; Sunday is 0 or 7 there and 1 here."""
    minutes, hours, day, month, weekday = five
    if weekday == "*":
        return f"{minutes} {hours} {day} {month} ? *"
    named = re.sub(r"(?<![/\d])[0-7](?!\d)", lambda found: WEEKDAYS[int(found[0]) % 7], weekday)
    return f"{minutes} {hours} ? {month} {named} *"


def _field_problem(field: Field, text: str) -> str | None:
    if text == "?" and field.special:
        return None
    for part in text.split(","):
        if field.special and field.special.fullmatch(part) and not re.search("[,-]", text):
            continue
        if wrong := _part_problem(field, part):
            return wrong
    return None


def _part_problem(field: Field, part: str) -> str | None:
    span, slash, step = part.partition("/")
    if slash and not field.steps:
        return "it takes no steps with /"
    if slash and not re.fullmatch("[1-9][0-9]*", step):
        return "what follows / is a number from 1"
    if span == "*":
        return None
    numbers = [_number(field, one) for one in span.split("-")]
    words = f" or {field.words[0]} to {field.words[-1]}" if field.words else ""
    if len(numbers) > 2 or any(number is None for number in numbers):
        return f"it takes {field.low} to {field.high}{words}, with , - *{' /' if field.steps else ''}"
    if len(numbers) == 2 and t.cast("int", numbers[0]) > t.cast("int", numbers[1]):
        return "a range goes from the lower to the higher, so write one that goes round as two"
    return None


def _number(field: Field, text: str) -> int | None:
    if text in field.words:
        return field.words.index(text) + field.low
    number = int(text) if re.fullmatch("[0-9]{1,4}", text) else -1
    return number if field.low <= number <= field.high else None


def zone(name: str) -> datetime.tzinfo | None:
    """Return the time zone with an IANA name, None if this machine does not know it."""
    if name == "UTC":
        return datetime.UTC
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return None


def is_zone(name: str) -> bool:
    """Return whether a name may be a time zone: on a machine without a database of them, any may."""
    return zone(name) is not None or not zoneinfo.available_timezones()


def next_run(
    expression: str, timezone: str, after: datetime.datetime, last: datetime.datetime | None = None
) -> datetime.datetime | None:
    """Return the first run of an expression after I(after), in UTC; None if it is unknown or there is none.

    AWS does not return the time that it counts a rate from, so it is counted from the I(last) run, if that is known.
    A time that the clocks skip is skipped, and one that they show twice counts once.
    """
    kind, _paren, inner = expression.rstrip(")").partition("(")
    if kind == "rate":
        return _next_of_rate(inner, after, last)
    where = zone(timezone)
    return _next_of_cron(inner.upper().split(), where, after) if kind == "cron" and where else None


def _next_of_rate(rate: str, after: datetime.datetime, last: datetime.datetime | None) -> datetime.datetime | None:
    found = _RATE.fullmatch(rate)
    if not found or last is None:
        return None
    try:
        period = datetime.timedelta(**{f"{found[2]}s": int(found[1])})
        return last + period * max(1, (after - last) // period + 1)
    except OverflowError:
        return None


def _next_of_cron(parts: t.Sequence[str], where: datetime.tzinfo, after: datetime.datetime) -> datetime.datetime | None:
    times = sorted(itertools.product(_values(CRON[1], parts[1]), _values(CRON[0], parts[0])))
    for date in _dates(parts, after.astimezone(where).date()):
        for hour, minute in times:
            moment = datetime.datetime.combine(date, datetime.time(hour, minute), where).astimezone(datetime.UTC)
            if moment > after and moment.astimezone(where).hour == hour:
                return moment
    return None


def _dates(parts: t.Sequence[str], begin: datetime.date) -> t.Iterator[datetime.date]:
    """Yield the days of the expression from I(begin) on."""
    years = {year for year in _values(CRON[5], parts[5]) if begin.year <= year}
    for year, month in itertools.product(sorted(years), sorted(_values(CRON[3], parts[3]))):
        dates = (datetime.date(year, month, day) for day in _days(year, month, parts[2], parts[4]))
        yield from (date for date in dates if date >= begin)


def _values(field: Field, text: str) -> set[int]:
    result: set[int] = set()
    for part in text.split(","):
        span, slash, step = part.partition("/")
        ends = [field.low, field.high] if span == "*" else [_number(field, one) or 0 for one in span.split("-")]
        last = ends[1] if len(ends) > 1 else field.high if slash else ends[0]
        result |= set(range(ends[0], last + 1, int(step or 1)))
    return result


def _days(year: int, month: int, days: str, weekdays: str) -> list[int]:
    """Return the days of a month that match the two fields, of which one is a question mark."""
    every = range(1, calendar.monthrange(year, month)[1] + 1)
    if weekdays == "?":
        return _special_days(year, month, days) or sorted(_values(CRON[2], days) & set(every))

    def weekday(day: int) -> int:
        return datetime.date(year, month, day).isoweekday() % 7 + 1

    if found := re.fullmatch(r"(\w+)#(\d)", weekdays):
        same = [day for day in every if weekday(day) == _number(CRON[4], found[1])]
        return same[int(found[2]) - 1 : int(found[2])]
    if weekdays.endswith("L") and weekdays != "L":
        return [day for day in every if weekday(day) == _number(CRON[4], weekdays[:-1])][-1:]
    wanted = _values(CRON[4], "SAT" if weekdays == "L" else weekdays)
    return [day for day in every if weekday(day) in wanted]


def _special_days(year: int, month: int, days: str) -> list[int]:
    """Return the day of L (the last), LW (the last weekday) or 15W (the weekday nearest to the 15th, same month)."""
    if not _SPECIAL_DAY.fullmatch(days):
        return []
    last = calendar.monthrange(year, month)[1]
    if days == "L":
        return [last]
    nearest = last if days == "LW" else int(days[:-1])
    if nearest > last:
        return []
    weekday = datetime.date(year, month, nearest).isoweekday()
    if weekday == 6:
        nearest += -1 if nearest > 1 else 2
    elif weekday == 7:
        nearest += 1 if nearest < last else -2
    return [nearest]
