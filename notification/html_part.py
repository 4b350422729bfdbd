"""The same mail for who reads HTML, with a link that needs no login."""

from html import escape

from bson import ObjectId

from servicekit.links.signed import Signer

_PAGE = """\
<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="referrer" content="no-referrer"></head>
<body>
<p>{text}</p>
<p><a href="{url}" rel="noreferrer">Download the MP3</a></p>
<p>Whoever has this link gets this file without signing in, until {end:%-d %B %Y, %H:%M} UTC.</p>
</body>
</html>
"""


def html_with_link(text: str, signer: Signer, mp3_id: ObjectId) -> str:
    """A document that says `text`, with a link to the MP3 that lasts as long as links do."""
    link = signer.make([mp3_id])
    return _PAGE.format(text=escape(text), url=escape(signer.url(link)), end=link.expires)
