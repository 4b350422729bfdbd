"""The clocks of all that answered, beside that of this machine."""

import time

from scripts.doctor.finding import Finding, broken, ok

APART = 60.0  # seconds between two clocks: a token may be good here and ended there


class Clocks:
    """Collected on the walk, compared at its end."""

    def __init__(self) -> None:
        self._ahead: dict[str, float] = {}  # seconds, of this machine's

    def note(self, name: str, clock: float, asked: float) -> None:
        """`clock` was told between `asked` and now; all are seconds since 1970."""
        self._ahead[name] = min((clock - asked, clock - time.time()), key=abs)

    def compared(self) -> Finding:
        """Those that differ by more than a minute."""
        wrong = {name: ahead for name, ahead in self._ahead.items() if abs(ahead) > APART}
        if not wrong:
            return ok("clocks", f"{len(self._ahead)} agree")
        return broken(
            "clocks",
            "clocks differ by more than a minute",
            ", ".join(f"{name}: {ahead:+.0f} s" for name, ahead in wrong.items()),
            "times that agree: tokens end, and jobs are announced again, by them",
            "sudo timedatectl set-ntp true, on the machine of what is named",
        )
