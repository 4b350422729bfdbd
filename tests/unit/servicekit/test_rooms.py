"""The plan of the house: which room knows which, and where a job is known."""

from tests.support.imports import imported
from tests.support.project import ROOT, SERVICES

GROUND = "ground"

# Which rooms of servicekit each room may know.
KNOWS = {
    GROUND: {"metrics"},
    "metrics": set(),
    "tracing": {GROUND},
    "http": {GROUND, "metrics", "tracing"},
    "amqp": {GROUND, "metrics", "tracing"},
    "gridfs": {GROUND},
    "links": {GROUND},
    "accounts": {GROUND, "amqp"},
    "webhooks": {GROUND, "gridfs"},
    "jobs": {GROUND, "amqp", "gridfs", "webhooks"},
}


def room_of(module: str) -> str | None:
    """The room of servicekit that a module is in; None for a module from elsewhere."""
    first, *rest = module.split(".")
    if first != "servicekit" or not rest:
        return None
    return rest[0] if rest[0] in KNOWS else GROUND


def test_no_room_of_servicekit_knows_more_than_the_plan_says() -> None:
    for file in (ROOT / "servicekit").rglob("*.py"):
        parts = file.relative_to(ROOT / "servicekit").parts
        room = parts[0] if len(parts) > 1 else GROUND
        known = {room_of(module) for module in imported(file)} - {None, room}
        assert known <= KNOWS[room], f"{file} knows {known - KNOWS[room]}"


def test_no_doors_of_the_gateway_know_each_other_in_a_circle() -> None:
    doors = {path.name for path in (ROOT / "gateway").iterdir() if (path / "__init__.py").exists()}
    knows = {
        door: {
            first
            for file in (ROOT / "gateway" / door).glob("*.py")
            for module in imported(file)
            if (first := module.split(".")[0]) in doors - {door}
        }
        for door in doors
    }
    while leaves := {door for door, known in knows.items() if not known}:
        knows = {door: known - leaves for door, known in knows.items() if door not in leaves}
    assert not knows, f"a circle: {knows}"


def test_the_record_of_a_job_is_spelled_in_one_room() -> None:
    files = [file for service in SERVICES for file in (ROOT / service).rglob("*.py")]
    files += [f for f in (ROOT / "servicekit").rglob("*.py") if "jobs" not in f.parts]
    spelled = [file for file in files if '"metadata.' in file.read_text(encoding="utf-8")]
    assert not spelled
