"""Filters in the spellings of docker buildx and buildctl become those of the engine."""

from __future__ import annotations

import pytest

from llbfront.client.control.filters import Filters, parse_filters
from llbfront.errors import OptionError

HOUR_NS = 3_600_000_000_000


@pytest.mark.parametrize(
    ("texts", "text", "unused_ns"),
    [
        ((), "", 0),
        (("",), "", 0),
        (("type=regular",), "type==regular", 0),
        (("type==regular",), "type==regular", 0),
        (("type!=regular",), "type!=regular", 0),
        (("id=abc",), "id~=abc", 0),
        (("id==abc",), "id==abc", 0),
        (("shared",), "shared", 0),
        (("until=24h",), "", 24 * HOUR_NS),
        (("unused-for=1h30m",), "", HOUR_NS * 3 // 2),
        (("type=exec.cachemount", "private", "until=1h"), "type==exec.cachemount,private", HOUR_NS),
        (("type==regular,mutable",), "type==regular,mutable", 0),
        (("description=a b",), 'description=="a b"', 0),
        (('description="a',), 'description=="\\"a"', 0),
        (('description~="a,b"',), 'description~="a,b"', 0),
        (("parents~=x",), "parents~=x", 0),
        (("Type=regular",), "type==regular", 0),
        ((" TYPE = regular ",), "type==regular", 0),
        (("ID= abc",), "id~=abc", 0),
        (("Until= 1h ",), "", HOUR_NS),
        (("type=exec.cachemount,mutable",), "type==exec.cachemount,mutable", 0),
        (("type=regular,description~=dd,id=ab",), "type==regular,description~=dd,id~=ab", 0),
        (("description=COPY a, b",), 'description=="COPY a, b"', 0),
        (("description=a,mutable,b",), 'description=="a,mutable,b"', 0),
        (("type=",), 'type==""', 0),
    ],
)
def test_filters(texts: tuple[str, ...], text: str, unused_ns: int) -> None:
    assert parse_filters(texts) == Filters(text, unused_ns)


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (("tpye=regular",), "a filter cannot select by 'tpye' (did you mean type?)"),
        (("tpye!=regular",), "a filter cannot select by 'tpye' (did you mean type?)"),
        (("type==regular,prviate",), "a filter cannot select by 'prviate' (did you mean private?)"),
        (("untli=24h",), "a filter cannot select by 'untli' (did you mean until?)"),
        (("qwertyuiop=x",), "a filter cannot select by 'qwertyuiop' (one of unused-for, until, description"),
        (("until=yesterday",), "the filter until= takes a duration such as 24h or 90m, not 'yesterday'"),
        (("until=-1h",), "the filter until= takes a duration such as 24h or 90m, not '-1h'"),
        (("until=",), "the filter until= takes a duration such as 24h or 90m, not ''"),
        (("id~=" + "(" * 20_000,), "the filter id has a regular expression that is too large"),
        (("id~=a{99999999999999999999}",), "the filter id has a regular expression that is too large"),
        (("until=1h", "unused-for=2h"), "only one of the filters until=… and unused-for=… can be used"),
    ],
)
def test_wrong_filters(texts: tuple[str, ...], message: str) -> None:
    with pytest.raises(OptionError) as refused:
        parse_filters(texts)
    assert str(refused.value).startswith(message)


def test_a_regular_expression_that_python_warns_about(recwarn: pytest.WarningsRecorder) -> None:
    parse_filters(["id~=[[a]"])
    assert not recwarn.list
