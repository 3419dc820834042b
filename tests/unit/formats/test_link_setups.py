"""Set-ups of the Compare page in a link: no key goes along, and what is none is refused."""

from __future__ import annotations

import pytest

from backend.formats import links, share
from backend.formats.share import Shared
from backend.types import JSON
from backend.untrusted import Unreadable

KEY = "sk-own-1234"


@pytest.mark.parametrize(
    "shared",
    [
        Shared(experiment={"prompt": f'Say "{KEY}"'}),
        Shared(experiment={"prompt": "", "axes": [{"name": "stop", "values": KEY}]}),
        Shared(suite={"rows": [{"variables": {"a": f"\n{KEY}"}}]}),
        Shared(suite={"rows": [{"variables": {KEY: "a"}}]}),
        Shared(suite={"checks": [{"check": "contains", "value": KEY}]}),
    ],
)
def test_a_key_anywhere_in_a_set_up_is_found(shared: Shared) -> None:
    assert share.secrets_in(shared, [KEY])


def test_the_suite_of_one_lane_goes_and_comes_back() -> None:
    shared = Shared("m", lanes=({"model": "a/one"},), suite={"prompt": "Hi", "rows": [{"name": "x"}]})
    assert share.decode(share.encode(shared)) == shared


@pytest.mark.parametrize(
    "item",
    [
        {"experiment": [1]},
        {"suite": "x"},
        {"experiment": {"prompt": "Hi"}, "suite": {"prompt": "Hi"}},
        {"suite": {"prompt": "Hi"}, "lanes": [{"connection": "http://evil.example/v1"}]},
        {"suite": {"prompt": "Hi"}, "lanes": [{}] * 7},
    ],
)
def test_a_malformed_set_up_is_refused(item: JSON) -> None:
    with pytest.raises(Unreadable):
        share.decode(links.pack(item))
