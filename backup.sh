#!/usr/bin/env bash
# Takes a backup of the users, the videos, the MP3s and the jobs.
set -euo pipefail
called_from=$PWD
cd "$(dirname "$(readlink -f "$0")")"
# shellcheck source=scripts/lib.sh
. scripts/lib.sh
# shellcheck source=scripts/data.sh
. scripts/data.sh

usage() {
  cat <<'TEXT'
Usage: ./backup.sh [--context NAME] FOLDER

Copies the users, the videos, the MP3s and the jobs into FOLDER, which must not exist yet, while everything
runs. ./restore.sh brings them back. FOLDER appears when it is whole; only its owner can read it, and it
holds the hashes of passwords.

  --context NAME  another kubectl context than minikube

local/ctl backup FOLDER takes one of the local stack.
TEXT
}

local_stack=no wanted_context='' folder=''
while (($#)); do
  case $1 in
    --local) local_stack=yes ;; # as local/ctl passes it
    --context) wanted_context=${2:?--context needs a name} && shift ;;
    -h | --help) usage && exit 0 ;;
    -*) misuse "unknown argument $1" ;;
    *)
      [[ -z $folder ]] || misuse "one folder, not also $1"
      folder=$1
      ;;
  esac
  shift
done

take() { # file of the backup: whole, or the script ends
  local size
  echo "  $1"
  mkdir -p "$(dirname "$partial/$1")"
  move dump "$1" </dev/null >"$partial/$1" 2>"$log" ||
    fail "$1 cannot be read: $(tail -n 3 "$log")" 'a server is down, or what is deployed is an older version' "$next_look"
  size=$(tail -n 1 "$log") # a connection that breaks may look like the end
  [[ $size == "$(stat -c %s "$partial/$1")" ]] ||
    fail "$1 did not come whole" 'the connection broke' "$me again"
}

describe() {
  local version
  version=$(sed -n 's/^__version__ = "\(.*\)"/\1/p' servicekit/__init__.py)
  printf '{"format": %d, "version": "%s", "taken": "%s"}\n' "$format" "$version" "$(date -u +%FT%TZ)"
}

[[ -n $folder ]] || misuse 'a folder for the backup is needed'
folder=$(cd "$called_from" && realpath -m "$folder")
[[ ! -e $folder ]] || fail "$folder is there already" '' 'name another folder'
choose_data "$wanted_context"
umask 077
mkdir -p "$(dirname "$folder")"
partial=$(mktemp -d "$folder.XXXXXX") log=$(mktemp)
trap 'rm -rf "$partial" "$log"' EXIT

echo "Taking a backup into $folder:"
for part in "${parts[@]}"; do take "$part"; done
describe >"$partial/$about"
(cd "$partial" && sha256sum "$about" "${parts[@]}" >"$sums")
sync -f "$partial"
mv -T "$partial" "$folder"
echo "Done: $(du -sh "$folder" | cut -f1), $(grep -c ^INSERT "$folder/users.sql" || true) users."
