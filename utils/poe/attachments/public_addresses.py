"""Which IP addresses lie in the open internet, and not in this machine, its network or its cloud."""

import ipaddress

_IPv6 = ipaddress.IPv6Network
_IPv4 = ipaddress.IPv4Network

_IN_USE = _IPv6("2000::/3")
"""All that was ever given out of IPv6 for public use; whatever else looks global is some special form."""

_NAT64 = _IPv6("64:ff9b::/96")
"""An IPv4 address behind the well-known prefix: all that a machine without IPv4 gets from its resolver."""

_NEVER = (
    _IPv6("2001::/32"),  # Teredo: a tunnel that ends at the IPv4 address inside
    _IPv6("2002::/16"),  # 6to4: the same
    _IPv6("3fff::/20"),  # for documentation; older Pythons call it global
    _IPv4("192.88.99.0/24"),  # the relays of 6to4
)


def is_public(address: str) -> bool:
    """Whether everybody can reach this IP address. What cannot be read as one is not public."""
    try:
        found = _unwrapped(ipaddress.ip_address(address))
    except ValueError:
        return False
    if found.version == 6 and found not in _IN_USE:
        return False
    return found.is_global and not found.is_multicast and not any(found in network for network in _NEVER)


def _unwrapped(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """The IPv4 address that a connection to this one reaches, where it is only another way to write that."""
    if address.version == 4:
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address
