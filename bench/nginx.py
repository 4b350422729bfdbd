"""nginx, sending a file as it does without sendfile: the plain way to send bytes over HTTP.

It is one process: a worker of root's nginx would be another user, who may not read the file.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.machine import free_port
from tests.support.nginx import running, temporary

_CONFIGURATION = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log stderr;
events {{}}
http {{
  access_log off;
  sendfile off;
  {temporary}
  server {{
    listen 127.0.0.1:{port};
    root {folder};
  }}
}}
"""


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """The URL under which nginx sends the files of a folder; FileNotFoundError without nginx."""
    port = free_port()
    values = {"folder": folder, "port": port, "temporary": temporary(folder)}
    with running(folder, port, _CONFIGURATION.format(**values)):
        yield f"http://127.0.0.1:{port}"
