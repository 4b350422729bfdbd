"""The rendered manifests, as kubectl makes them of the folder and of each component."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.project import ROOT

Object = dict[str, Any]


def pod_template(item: Object) -> Object | None:
    """The pod template of an object that has one."""
    spec = item.get("spec", {})
    if item["kind"] == "CronJob":
        spec = spec["jobTemplate"]["spec"]
    template: Object | None = spec.get("template")
    return template


def overlay(folder: Path, *components: str, base: str = "manifests") -> Path:
    """Write into `folder` a kustomization of a base with components."""
    folder = folder.resolve()
    root = Path(*[".."] * (len(folder.parts) - 1)) / ROOT.relative_to("/")
    chosen = [str(root / "manifests/components" / name) for name in components]
    text = yaml.safe_dump({"resources": [str(root / base)], "components": chosen})
    (folder / "kustomization.yaml").write_text(text)
    return folder


@cache
def _render(folder: Path) -> str:
    command = ["kubectl", "kustomize", str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout


@pytest.fixture(scope="session")
def render() -> Callable[[Path], list[Object]]:
    """Renders a folder with a kustomization; hosts as deploy.sh fills them in."""
    if not shutil.which("kubectl"):
        pytest.skip("kubectl is not installed")

    def objects(folder: Path) -> list[Object]:
        text = _render(folder)
        for name in ("MYSQL_HOST", "MONGODB_HOST"):
            text = text.replace(f"${{{name}}}", "192.168.49.1")
        return list(yaml.safe_load_all(text))

    return objects


@pytest.fixture(scope="session")
def base(render: Callable[[Path], list[Object]]) -> list[Object]:
    """What every deployment has."""
    return render(ROOT / "manifests")


@pytest.fixture(scope="session")
def everything(
    render: Callable[[Path], list[Object]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[Object]]:
    """The base with every component but that for a MongoDB that asks who one is."""
    chosen = ("hpa", "mailcatcher", "metrics", "monitoring", "tracing")
    yield render(overlay(tmp_path_factory.mktemp("overlay"), *chosen))
