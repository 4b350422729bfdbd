"""What a mail can be sent to."""

from email.errors import HeaderParseError
from email.headerregistry import Address

MAX_LENGTH = 254  # characters; the path of 256 in RFC 5321, 4.5.3.1.3, without its brackets


def mail_address(text: str) -> Address:
    """The one address that `text` is; ValueError where it is none, as a list, or a bare name."""
    if len(text) > MAX_LENGTH:
        raise ValueError("too long for an address")
    try:
        address = Address(addr_spec=text)
    except (IndexError, HeaderParseError) as error:
        raise ValueError("no address") from error
    if not address.username or not address.domain:
        raise ValueError("no address")
    return address
