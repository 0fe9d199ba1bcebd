"""Tell public network addresses from those of our own machine and network."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

# Python calls these global. Packets for the first three end where the IPv4 address
# inside them says; the last has been where a cloud's machines find their passwords.
_REFUSED = tuple(
    map(ip_network, ("64:ff9b::/96", "2002::/16", "2001::/32", "192.0.0.0/24"))
)


def is_public(address: str) -> bool:
    """Tell whether an IP address belongs to a machine of the public internet.

    Loopback, private, link-local, shared, reserved and multicast addresses do not,
    nor does an IPv6 address that stands for an IPv4 one, unless that one does.

    Raises:
        ValueError: the text is no IP address.

    >>> is_public("203.0.114.5"), is_public("10.0.0.7"), is_public("::ffff:10.0.0.7")
    (True, False, False)
    """
    found = ip_address(address)
    mapped = getattr(found, "ipv4_mapped", None)
    if mapped:
        return is_public(str(mapped))
    if any(found in network for network in _REFUSED):
        return False
    return found.is_global and not found.is_multicast


def is_private_literal(host: str) -> bool:
    """Tell whether a URL's host is itself written as a private address.

    Whoever writes one means it; a name may be made to lead there.

    >>> is_private_literal("127.0.0.1"), is_private_literal("hub.example")
    (True, False)
    """
    try:
        return not is_public(host)
    except ValueError:
        return host == "localhost"
