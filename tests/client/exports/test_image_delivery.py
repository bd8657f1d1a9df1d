"""Hosts that only docker engines know, in a request to another engine."""

import pytest

from llbfront.client.exports.image_delivery import ImageDelivery
from llbfront.errors import OptionError
from tests.client.buildflags.flags import request


def test_host_gateway_needs_a_docker_engine() -> None:
    delivery = ImageDelivery(None, "unix:///x")  # type: ignore[arg-type]  # the channel is not used
    with pytest.raises(OptionError, match="only docker engines know what host-gateway is"):
        delivery.with_hosts(request(add_host=["a=host-gateway"]))
    assert delivery.with_hosts(request(add_host=["a=::1"])).hosts == (("a", "::1"),)
