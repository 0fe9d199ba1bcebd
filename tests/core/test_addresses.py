"""Which addresses are of the public internet."""

from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.core.addresses import is_private_literal, is_public

OURS = [
    "127.0.0.1", "127.255.255.254", "0.0.0.0", "10.0.0.7", "172.16.0.1",
    "192.168.1.1", "169.254.169.254", "100.64.0.1", "100.100.100.200",
    "192.0.0.192", "198.18.0.1", "203.0.113.9", "224.0.0.1", "239.1.2.3",
    "240.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fd00::1", "ff02::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.7", "64:ff9b::7f00:1", "2002:7f00:1::",
    "2001:0:7f00:1::", "2001:db8::1",
]  # fmt: skip
THEIRS = ["8.8.8.8", "203.0.114.5", "172.32.0.1", "2400:3200::1", "::ffff:8.8.8.8"]


@pytest.mark.parametrize("address", OURS)
def test_an_address_of_our_own_network_is_not_public(address):
    assert not is_public(address)
    assert is_private_literal(address)


@pytest.mark.parametrize("address", THEIRS)
def test_an_address_of_the_internet_is_public(address):
    assert is_public(address)
    assert not is_private_literal(address)


@given(st.ip_addresses(v=4))
def test_an_address_is_as_public_as_the_one_it_is_mapped_to(address: IPv4Address):
    mapped = IPv6Address(b"\0" * 10 + b"\xff\xff" + address.packed)

    assert is_public(str(mapped)) == is_public(str(address))


@pytest.mark.parametrize("host", ["hub.example", "hub", "127.1", "0x7f000001", ""])
def test_a_name_is_not_written_as_a_private_address(host):
    assert not is_private_literal(host)
