"""Requests that wait for a thread, which take turns.

In one queue for all, a login behind a thousand uploads that came at once waited 10 s (measured).
Here it waits for one of them: round robin over the doors, and at each door over those who ask
(Nagle, "On packet switches with infinite storage", RFC 970).
"""

from collections import OrderedDict, deque
from collections.abc import Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Turns(Generic[T]):
    """What waits, by the door that it is for and who asks."""

    def __init__(self) -> None:
        self._doors: OrderedDict[Hashable, _Askers[T]] = OrderedDict()

    def __bool__(self) -> bool:
        return bool(self._doors)

    def put(self, item: T, door: Hashable, asker: Hashable) -> None:
        """It waits, behind the others of `asker` at `door`."""
        self._doors.setdefault(door, _Askers()).put(item, asker)

    def take(self) -> T:
        """The one whose turn it is; KeyError when nothing waits."""
        door, askers = self._doors.popitem(last=False)
        item = askers.take()
        if askers:
            self._doors[door] = askers
        return item


class _Askers(Generic[T]):
    def __init__(self) -> None:
        self._items: OrderedDict[Hashable, deque[T]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._items)

    def put(self, item: T, asker: Hashable) -> None:
        self._items.setdefault(asker, deque()).append(item)

    def take(self) -> T:
        asker, items = self._items.popitem(last=False)
        item = items.popleft()
        if items:
            self._items[asker] = items
        return item
