"""EBU R128 loudness: measured in a first pass, evened out in the second."""

import json
import math

# EBU R128's own -23 LUFS is for broadcast; -16 LUFS and -1.5 dBTP are what AES TD1004 asks of
# sound that people stream and carry about. LRA 11 is a usual range of speech and music.
_TARGET = "loudnorm=I=-16:TP=-1.5:LRA=11"
MEASURE = f"{_TARGET}:print_format=json"

_MEASURED = {
    "measured_I": "input_i",
    "measured_TP": "input_tp",
    "measured_LRA": "input_lra",
    "measured_thresh": "input_thresh",
    "offset": "target_offset",
}


def second_pass(report: str) -> str | None:
    """The filter to apply, from what a run with MEASURE printed; None where all is silence.

    Linear: one gain for the whole file where the peaks allow it, so that its dynamics stay.
    ValueError or KeyError when the report is none.
    """
    values = json.loads(report[report.rindex("{") : report.rindex("}") + 1])
    measured = {option: float(values[name]) for option, name in _MEASURED.items()}
    if not all(map(math.isfinite, measured.values())):
        return None
    return f"{_TARGET}:linear=true:" + ":".join(f"{k}={v:.2f}" for k, v in measured.items())
