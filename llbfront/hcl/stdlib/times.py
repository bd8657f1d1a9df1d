"""Functions on times.

Source: cty/function/stdlib/datetime.go of zclconf/go-cty; bake/hclparser/stdlib.go of docker/buildx.
"""

from __future__ import annotations

import datetime as dt
import re

from llbfront.gostd.time import parse_duration
from llbfront.hcl.functions import Function, FunctionError, function
from llbfront.hcl.types import DYNAMIC, NUMBER, STRING
from llbfront.hcl.values import Value, number, object_value, string

_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_RFC3339 = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)
_PART = re.compile(r"''|'(?:[^']|'')*'|'.*|([A-Za-z])\1*|[^A-Za-z']+", re.DOTALL)


def _parse(text: str, index: int) -> dt.datetime:
    match = _RFC3339.fullmatch(text)
    try:
        if match is None:
            raise ValueError
        return dt.datetime.fromisoformat(match[1] + ("+00:00" if match[3] == "Z" else match[3]))
    except ValueError:
        raise FunctionError("not a valid RFC3339 timestamp", index) from None


def _from_unix(value: Value, index: int) -> dt.datetime:
    if not value.data.is_integer:
        raise FunctionError("unix timestamp must be an integer", index)
    try:
        return dt.datetime.fromtimestamp(int(value.data), dt.UTC)
    except (ValueError, OverflowError, OSError):
        raise FunctionError("unix timestamp is out of range", index) from None


def _rfc3339(time: dt.datetime) -> str:
    return time.replace(microsecond=0).isoformat().replace("+00:00", "Z")


def _zone(time: dt.datetime, width: int) -> str:
    offset = time.strftime("%z")
    colon = f"{offset[:3]}:{offset[3:]}"
    return {1: "Z" if offset == "+0000" else colon, 3: "UTC" if offset == "+0000" else offset, 4: offset, 5: colon}[width]


def _verb(part: str, time: dt.datetime) -> str:
    hour = time.hour % 12 or 12
    forms = {
        "YY": f"{time.year % 100:02}", "YYYY": f"{time.year:04}",
        "M": str(time.month), "MM": f"{time.month:02}", "MMM": _MONTHS[time.month - 1][:3], "MMMM": _MONTHS[time.month - 1],
        "D": str(time.day), "DD": f"{time.day:02}", "EEE": _WEEKDAYS[time.weekday()][:3], "EEEE": _WEEKDAYS[time.weekday()],
        "h": str(time.hour), "hh": f"{time.hour:02}", "H": str(hour), "HH": f"{hour:02}",
        "AA": "AM" if time.hour < 12 else "PM", "aa": "am" if time.hour < 12 else "pm",
        "m": str(time.minute), "mm": f"{time.minute:02}", "s": str(time.second), "ss": f"{time.second:02}",
    }  # fmt: skip
    if part in forms:
        return forms[part]
    if set(part) == {"Z"} and len(part) in {1, 3, 4, 5}:
        return _zone(time, len(part))
    raise FunctionError(f'invalid date format verb "{part}"', 0)


def _formatted(template: str, time: dt.datetime) -> str:
    parts = []
    for match in _PART.finditer(template):
        part = match[0]
        if part.startswith("'"):
            if len(part) < 2 or not part.endswith("'"):
                raise FunctionError("unterminated literal '", 0)
            parts.append("'" if part == "''" else part[1:-1].replace("''", "'"))
        else:
            parts.append(_verb(part, time) if match[1] else part)
    return "".join(parts)


@function(STRING, STRING)
def format_date(format: Value, time: Value) -> Value:  # noqa: A002  the name that messages give it
    return string(_formatted(format.data, _parse(time.data, 1)))


@function(STRING, DYNAMIC)
def format_timestamp(format: Value, time: Value) -> Value:  # noqa: A002
    if time.type not in {STRING, NUMBER}:
        raise FunctionError("must be a string timestamp or a unix timestamp number", 1)
    moment = _parse(time.data, 1) if time.type == STRING else _from_unix(time, 1)
    return string(str(int(moment.timestamp())) if format.data == "X" else _formatted(format.data, moment))


@function(STRING, STRING)
def time_add(timestamp: Value, duration: Value) -> Value:
    moment = _parse(timestamp.data, 0)
    try:
        delta = dt.timedelta(microseconds=parse_duration(duration.data) // 1000)
    except ValueError as error:
        raise FunctionError(str(error), 1) from None
    return string(_rfc3339(moment + delta))


@function()
def timestamp() -> Value:
    return string(_rfc3339(dt.datetime.now(dt.UTC)))


@function(NUMBER)
def unix_timestamp_parse(unix_timestamp: Value) -> Value:
    time = _from_unix(unix_timestamp, 0)
    iso_year, iso_week, iso_day = time.isocalendar()
    numbers = {
        "year": time.year, "year_day": time.timetuple().tm_yday, "day": time.day, "month": time.month, "weekday": iso_day % 7,
        "hour": time.hour, "minute": time.minute, "second": time.second, "iso_year": iso_year, "iso_week": iso_week,
    }  # fmt: skip
    texts = {"month_name": _MONTHS[time.month - 1], "weekday_name": _WEEKDAYS[time.weekday()], "rfc3339": _rfc3339(time)}
    return object_value(
        {name: number(value) for name, value in numbers.items()} | {name: string(text) for name, text in texts.items()}
    )


FUNCTIONS: dict[str, Function] = {
    "formatdate": format_date, "formattimestamp": format_timestamp, "timeadd": time_add, "timestamp": timestamp,
    "unixtimestampparse": unix_timestamp_parse,
}  # fmt: skip
