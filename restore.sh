#!/usr/bin/env bash
# Brings back what backup.sh has taken.
set -euo pipefail
called_from=$PWD
cd "$(dirname "$(readlink -f "$0")")"
# shellcheck source=scripts/lib.sh
. scripts/lib.sh
# shellcheck source=scripts/data.sh
. scripts/data.sh
# shellcheck source=scripts/demo-user.env
. scripts/demo-user.env

usage() {
  cat <<'TEXT'
Usage: ./restore.sh [--context NAME] [--replace] FOLDER

Brings the backup in FOLDER back into a deployed Video2MP3 that is empty: no file, no feed, no webhook, and no
user but the demo's. Jobs that were waiting are converted. A backup that is damaged or not whole is refused
before anything changes.

  --context NAME  another kubectl context than minikube
  --replace       first remove all users, videos, MP3s, jobs, feeds and webhooks that are there

local/ctl restore FOLDER brings one back into the local stack.
TEXT
}

local_stack=no wanted_context='' replace=no folder=''
while (($#)); do
  case $1 in
    --local) local_stack=yes ;; # as local/ctl passes it
    --context) wanted_context=${2:?--context needs a name} && shift ;;
    --replace) replace=yes ;;
    -h | --help) usage && exit 0 ;;
    -*) misuse "unknown argument $1" ;;
    *)
      [[ -z $folder ]] || misuse "one folder, not also $1"
      folder=$1
      ;;
  esac
  shift
done

# A backup of an older version has fewer. What it lacks stays as it is: with the links that users have ended
# forgotten, what it brings back would be open again.
choose_parts() {
  grep -qs '^{"format": 1,' "$folder/$about" || return 0
  own=() parts=("${files[@]}" sessions.sql users.sql) format=1
}

check_backup() {
  local part
  for part in "$about" "${parts[@]}"; do
    grep -qs "  $part$" "$folder/$sums" ||
      fail "$folder is no whole backup: $sums does not name $part" 'it is another folder' "ls -l $folder"
  done
  (cd "$folder" && sha256sum --check --strict --quiet "$sums") ||
    fail 'the backup is damaged' 'see above; it is not what was written' 'take another backup'
  grep -q "^{\"format\": $format," "$folder/$about" ||
    fail "the backup has another format than $format" 'a newer version took it' "cat $folder/$about"
}

count_bytes() { # of the documents of each file
  local part
  for part in "$@"; do move dump "$part" </dev/null 2>"$log" || return; done | wc -c
}

count_users() { # but the demo's
  in_service auth backup.py dump users </dev/null 2>"$log" |
    awk -v demo="'$DEMO_EMAIL'" '/^INSERT/ && !index($0, demo) { n++ } END { print n + 0 }'
}

unreadable() {
  fail "what is there cannot be read: $(tail -n 3 "$log")" \
    'a server is down, or what is deployed is an older version' "$next_look"
}

check_target() {
  local documents users
  documents=$(count_bytes {videos,mp3s}/fs.files.bson "${own[@]}") || unreadable
  users=$(count_users) || unreadable
  ((documents + users == 0)) || [[ $replace == yes ]] ||
    fail 'there are files, users, feeds or webhooks already' 'it is not a new deployment' "$me --replace $folder, which removes all of them"
}

put() { # file of the backup
  echo "  $1"
  move load "$1" <"$folder/$1"
}

half() { # what failed
  fail "$1" 'a server went away; what is there now is a part of the backup' "$next_look, then $me --replace $folder"
}

remove_all() { # the chunks go with their files
  local part
  echo '  removing what is there'
  for part in {videos,mp3s}/fs.files.bson "${own[@]}"; do
    move clear "$part" </dev/null || half "${part%.*} cannot be removed"
  done
}

[[ -n $folder ]] || misuse 'the folder of a backup is needed'
folder=$(cd "$called_from" && realpath -m "$folder")
choose_parts
check_backup
choose_data "$wanted_context"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
check_target
echo "Restoring $folder:"
# The users first: they are replaced in one transaction, or not at all.
put users.sql || fail 'the users cannot be restored; nothing is changed' \
  'MySQL went away, or its table has not the columns that the backup has' "$next_look"
[[ $replace == no ]] || remove_all
for ((i = ${#parts[@]} - 1; i >= 0; i--)); do
  [[ ${parts[i]} == users.sql ]] || put "${parts[i]}" || half "${parts[i]} cannot be restored"
done
echo 'Done. Jobs that were waiting are converted within minutes.'
