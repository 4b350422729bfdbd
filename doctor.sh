#!/usr/bin/env bash
# Names the first broken hop on the path of a job; scripts/doctor does it, and its --help tells how.
set -euo pipefail
root=$(dirname "$(readlink -f "$0")")
# shellcheck source=scripts/lib.sh
. "$root/scripts/lib.sh"
need python3 kubectl
PYTHONPATH=$root exec python3 -P -m scripts.doctor "$@"
