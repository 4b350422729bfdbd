"""The cage holds in the deployed converter too: a restricted pod, as a user without rights."""

import json

from tests.support.cluster import kubectl
from tests.support.project import ROOT

POD = "deployment/converter"
SCRIPT = (ROOT / "tests/unit/converter/escapes.py").read_bytes()


def escaped(*layers: str) -> set[str]:
    """What comes through a cage of these layers in the pod."""
    line = (
        "folder=$(mktemp -d) && cat >$folder/escapes.py && "
        f"PYTHONPATH=/app python -B $folder/escapes.py {' '.join(layers)}; rm -r $folder"
    )
    return set(json.loads(kubectl("exec", "-i", POD, "--", "sh", "-c", line, data=SCRIPT)))


def test_no_escape_comes_through_the_cage_in_a_pod(demo: object) -> None:
    assert escaped("all") == set()


def test_without_the_cage_the_pod_alone_would_not_hold(demo: object) -> None:
    names = {"environ", "secret", "passwd", "neighbour", "overwrite", "new_file", "many_files"}
    names |= {"tcp", "udp", "abstract_socket", "ptrace", "signal_parent", "fork_bomb", "live_on"}
    names |= {"shell", "big_file", "big_memory", "burn_cpu"}
    assert names - escaped("none") == set()


def test_the_converter_says_at_its_start_what_holds(demo: object) -> None:
    pod = kubectl("get", "pods", "-l", "app=converter", "-o", "name").split()[0]
    assert "ffmpeg's cage: no privileges, limits, Landlock" in kubectl("logs", pod)
