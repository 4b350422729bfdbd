"""What a mail can be sent to."""

from email.errors import HeaderParseError
from email.headerregistry import Address


def mail_address(text: str) -> Address:
    """The one address that `text` is; ValueError where it is none, as a list, or a bare name."""
    try:
        address = Address(addr_spec=text)
    except (IndexError, HeaderParseError) as error:
        raise ValueError("no address") from error
    if not address.username or not address.domain:
        raise ValueError("no address")
    return address
