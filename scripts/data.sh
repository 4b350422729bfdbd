# How backup.sh and restore.sh reach the data: in the services that use it, with their logins. Sourced by both.
# shellcheck shell=bash disable=SC2034,SC2154

# The files of a backup, in the order in which they are taken, so that whatever a record names is in it: jobs
# before their MP3s, users last. They are restored the other way round.
files=(videos/fs.files.bson videos/fs.chunks.bson mp3s/fs.files.bson mp3s/fs.chunks.bson)
own=(mp3s/links.bson mp3s/webhook_endpoints.bson mp3s/webhook_secrets.bson) # what users made; not in format 1
parts=("${files[@]}" "${own[@]}" sessions.sql users.sql)
about=backup.json
sums=SHA256SUMS
format=2
# What the messages tell to type.
me=$0 next_look=./doctor.sh
part_limit=6h # for one file: 2 TB at 100 MB/s; what takes longer hangs

# Settles where the data is: the local stack's, for which local/ctl has set the environment, or a cluster's.
choose_data() { # context, or nothing
  if [[ $local_stack == yes ]]; then
    me="local/ctl $(basename "$0" .sh)" next_look='local/ctl doctor'
  else
    use_context "$1"
  fi
}

in_service() { # service, arguments of its Python...
  local service=$1
  shift
  if [[ $local_stack == yes ]]; then
    (cd "$service" && exec timeout --foreground "$part_limit" python "$@")
  else
    timeout --foreground "$part_limit" kubectl --context "$context" exec -i "deployment/$service" -- python "$@"
  fi
}

# Who may write a collection does so: the converter MP3s, the gateway all others.
mongodb() { # dump, load or clear, database, collection
  local service=gateway
  [[ $2/$3 != mp3s/fs.* ]] || service=converter
  in_service "$service" -m servicekit.gridfs.backup "$@"
}

move() { # dump, load or clear, file of the backup
  local name=${2%.*}
  case $2 in
    *.bson) mongodb "$1" "${name%/*}" "${name#*/}" ;;
    *.sql) in_service auth backup.py "$1" "$name" ;;
  esac
}
