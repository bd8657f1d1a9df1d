"""Functions on IP networks.

Source: cidr of hashicorp/go-cty-funcs and apparentlymart/go-cidr.
"""

from __future__ import annotations

import ipaddress

from llbfront.hcl.functions import Function, FunctionError, function
from llbfront.hcl.stdlib.arguments import whole
from llbfront.hcl.types import NUMBER, STRING
from llbfront.hcl.values import Value, list_value, string

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def _network(text: str) -> Network:
    try:
        if "/" not in text:
            raise ValueError
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise FunctionError(f"invalid CIDR expression: invalid CIDR address: {text}") from None


def _subnet(network: Network, bits: int, index: int) -> str:
    length = network.prefixlen + bits
    if length > network.max_prefixlen:
        raise FunctionError(f"insufficient address space to extend prefix of {network.prefixlen} by {bits}")
    if not 0 <= index < 1 << bits:
        raise FunctionError(f"prefix extension of {bits} does not accommodate a subnet numbered {index}")
    address = type(network.network_address)(int(network.network_address) + (index << (network.max_prefixlen - length)))
    return f"{address}/{length}"


@function(STRING, NUMBER)
def cidr_host(prefix: Value, hostnum: Value) -> Value:
    network, position = _network(prefix.data), whole(hostnum, 1)
    count = network.num_addresses
    if not -count <= position < count:
        raise FunctionError(f"prefix of {network.prefixlen} does not accommodate a host numbered {position}")
    return string(str(network[position]))


@function(STRING)
def cidr_netmask(prefix: Value) -> Value:
    return string(str(_network(prefix.data).netmask))


@function(STRING, NUMBER, NUMBER)
def cidr_subnet(prefix: Value, newbits: Value, netnum: Value) -> Value:
    return string(_subnet(_network(prefix.data), whole(newbits, 1), whole(netnum, 2)))


@function(STRING, variadic=NUMBER)
def cidr_subnets(prefix: Value, *newbits: Value) -> Value:
    network = _network(prefix.data)
    position = int(network.network_address)
    subnets = []
    for index, value in enumerate(newbits, 1):
        bits = whole(value, index)
        length = network.prefixlen + bits
        if not 1 <= bits <= 32 or length > network.max_prefixlen:
            raise FunctionError("must extend prefix by 1 to 32 bits within the address", index)
        size = 1 << (network.max_prefixlen - length)
        position = -(-position // size) * size
        if position + size > int(network.broadcast_address) + 1:
            raise FunctionError(f"not enough remaining address space for a subnet with a prefix of {length} bits", index)
        subnets.append(string(f"{type(network.network_address)(position)}/{length}"))
        position += size
    return list_value(subnets, STRING)


FUNCTIONS: dict[str, Function] = {
    "cidrhost": cidr_host, "cidrnetmask": cidr_netmask, "cidrsubnet": cidr_subnet, "cidrsubnets": cidr_subnets,
}  # fmt: skip
