# Shared by local/up, local/down, local/ctl and local/databases: where the stack is, and its program.
# shellcheck shell=bash disable=SC2034

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
# shellcheck source=scripts/lib.sh
. "$ROOT/scripts/lib.sh"
export LOCAL_DIR
LOCAL_DIR=$(realpath -m "${LOCAL_DIR:-$ROOT/.local}")
VENV=$LOCAL_DIR/venv
LOG_DIR=$LOCAL_DIR/log

# The Python that the stack's program runs in: its own, or else, before that is made, the machine's.
python() {
  if [[ -x $VENV/bin/python ]]; then echo "$VENV/bin/python"; else echo /usr/bin/python3; fi
}

# stack MODULE [ARGUMENT...]: a part of the program, local/stack/MODULE.py.
stack() {
  local module=$1
  shift
  # -P: never a file of the current folder in place of a module.
  PYTHONPATH=$ROOT "$(python)" -P -m "local.stack.$module" "$@"
}

# Refuses what the program would refuse, as soon as there is a Python to ask.
check_settings() {
  [[ ! -x $(python) ]] || stack settings
}

make_folder() {
  install -d -m 700 "$LOCAL_DIR" "$LOG_DIR"
}

# One command at a time: the lock is free again when this process has ended.
lock() { # seconds to wait
  exec 9>"$LOCAL_DIR/lock"
  flock --wait "$1" 9 || fail 'another local/up or local/down is at work' 'it was started twice' \
    "wait for it to end, then run $0 again"
}
