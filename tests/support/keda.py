"""What KEDA 2.20.2 takes, as `keda.json` has it out of KEDA's source (Apache License 2.0).

`crds` is `config/crd/bases` of its Go module, without the descriptions, and `rabbitmq` what
`schema/generated/scalers-schema.json` there says of that scaler's parameters.
"""

import json
from typing import Any

from tests.support.project import ROOT

Schema = dict[str, Any]
_SOURCE = json.loads((ROOT / "tests/support/keda.json").read_text(encoding="utf-8"))
CRDS: list[Schema] = _SOURCE["crds"]
PARAMETERS: dict[str, Schema] = {found["name"]: found for found in _SOURCE["rabbitmq"]}


def schema(kind: str) -> Schema:
    """The schema of a kind, which refuses what it does not name, as `kubectl apply` does."""
    (crd,) = (found for found in CRDS if found["spec"]["names"]["kind"] == kind)
    (version,) = crd["spec"]["versions"]
    closed: Schema = _closed(version["schema"]["openAPIV3Schema"])
    return closed


def _closed(part: Any) -> Any:
    if isinstance(part, list):
        return [_closed(item) for item in part]
    if not isinstance(part, dict):
        return part
    closed = {key: _closed(value) for key, value in part.items()}
    open_to_all = closed.get("x-kubernetes-preserve-unknown-fields")
    if isinstance(closed.get("properties"), dict) and not open_to_all:
        closed.setdefault("additionalProperties", False)
    return closed
