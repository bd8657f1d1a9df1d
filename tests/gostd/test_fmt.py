"""Lists of strings as fmt prints them."""

from llbfront.gostd.fmt import plain_slice, quoted_slice


def test_lists() -> None:
    assert plain_slice(["a", "b c"]) == "[a b c]"
    assert quoted_slice(["a", 'b"']) == r'["a" "b\""]'
    assert (plain_slice([]), quoted_slice([])) == ("[]", "[]")
