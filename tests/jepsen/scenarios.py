"""What is done to the machines; in the manner of the Jepsen tests of RabbitMQ's own CI."""

import random
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager

from tests.jepsen.network import CLIENTS, FAKETIME, between, ring
from tests.jepsen.world import World
from tests.support.place import Place

JUMP = 60  # seconds

# Inside, the fault holds; its end is the end of the block.
Fault = Callable[[World, random.Random], AbstractContextManager[None]]


@contextmanager
def random_halves(world: World, chance: random.Random) -> Iterator[None]:
    """the machines in two random halves; clients reach both"""
    mixed = chance.sample(world.addresses, len(world.addresses))
    with world.network.cut(between(mixed[:1], mixed[1:])):
        yield


@contextmanager
def majorities_ring(world: World, chance: random.Random) -> Iterator[None]:
    """each machine hears a majority, and no two the same one"""
    mixed = chance.sample(world.addresses, len(world.addresses))
    with world.network.cut(ring(mixed)):
        yield


@contextmanager
def bridge(world: World, chance: random.Random) -> Iterator[None]:
    """two machines reach one another only by way of the third"""
    one, other = chance.sample(world.addresses, 2)
    with world.network.cut(between([one], [other])):
        yield


@contextmanager
def one_way(world: World, chance: random.Random) -> Iterator[None]:
    """a machine hears another one and is not heard by it"""
    source, target = chance.sample(world.addresses, 2)
    with world.network.cut([(source, target)]):
        yield


@contextmanager
def isolated(world: World, chance: random.Random) -> Iterator[None]:
    """one machine cut off from the others and from the services"""
    with _alone(world, chance.choice(world.machines)):
        yield


@contextmanager
def isolated_leader(world: World, chance: random.Random) -> Iterator[None]:
    """the machine cut off that leads the queue `video`"""
    with _alone(world, world.leader()):
        yield


@contextmanager
def isolated_primary(world: World, chance: random.Random) -> Iterator[None]:
    """the machine cut off that has MongoDB's primary"""
    with _alone(world, world.primary()):
        yield


@contextmanager
def killed_broker(world: World, chance: random.Random) -> Iterator[None]:
    """kill -9 of a random broker, which is started again"""
    broker = world.broker_on(chance.choice(world.machines))
    broker.kill()
    try:
        yield
    finally:
        broker.start()


@contextmanager
def killed_primary(world: World, chance: random.Random) -> Iterator[None]:
    """kill -9 of MongoDB's primary, which is started again"""
    mongod = world.mongod_on(world.primary())
    mongod.kill()
    try:
        yield
    finally:
        mongod.start()


@contextmanager
def killed_machine(world: World, chance: random.Random) -> Iterator[None]:
    """kill -9 of all on a random machine, which is started again"""
    machine = chance.choice(world.machines)
    broker, mongod = world.broker_on(machine), world.mongod_on(machine)
    broker.kill()
    mongod.kill()
    try:
        yield
    finally:
        broker.start()
        mongod.start()


@contextmanager
def frozen_machine(world: World, chance: random.Random) -> Iterator[None]:
    """all on a random machine frozen: it takes connections and does not answer"""
    machine = chance.choice(world.machines)
    servers = (world.broker_on(machine), world.mongod_on(machine))
    for server in servers:
        server.signal(signal.SIGSTOP)
    try:
        yield
    finally:
        for server in servers:
            server.signal(signal.SIGCONT)


@contextmanager
def clock_jump(world: World, chance: random.Random) -> Iterator[None]:
    """the clock of a random machine a minute ahead, then right again (wants libfaketime)"""
    if not FAKETIME.exists():
        raise RuntimeError("clock-jump wants Debian's libfaketime")
    machine = chance.choice(world.machines)
    world.network.set_clock(machine, JUMP)
    try:
        yield
    finally:
        world.network.set_clock(machine, 0)


def _alone(world: World, machine: Place) -> AbstractContextManager[None]:
    others = [address for address in world.addresses if address != machine.address]
    return world.network.cut(between([machine.address], [*others, CLIENTS]))


SCENARIOS: Mapping[str, Fault] = {
    fault.__name__.replace("_", "-"): fault
    for fault in (
        random_halves,
        majorities_ring,
        bridge,
        one_way,
        isolated,
        isolated_leader,
        isolated_primary,
        killed_broker,
        killed_primary,
        killed_machine,
        frozen_machine,
        clock_jump,
    )
}
