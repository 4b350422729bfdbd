#!/usr/bin/env bash
# Forwards this machine's ports to the services, until told to stop.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")"
# shellcheck source=scripts/lib.sh
. scripts/lib.sh

usage() {
  cat <<'TEXT'
Usage: ./start-services.sh [--context NAME] [--stop]

Forwards localhost:80 to the gateway, 5000 to auth and 15672 to RabbitMQ's management. A forward
that loses its pod is started again. --stop ends the forwards that this script started.
TEXT
}

# name, local port, service's port
forwards=('gateway 80 8080' 'auth 5000 5000' 'rabbitmq 15672 15672')
pids=${XDG_RUNTIME_DIR:-/tmp}/video2mp3-forwards-$(id -u)

log_of() { echo "/tmp/$1-pf.log"; }

# Runs in the background, one for each forward, with root's rights for a port below 1024.
# kubectl that was told to end (128 + 15, as by pkill) ends it too; any other end is mended.
forward() { # name, local port, service's port
  local code kubectl
  trap 'kill "$kubectl" 2>/dev/null; exit 0' TERM INT
  while true; do
    kubectl port-forward "service/$1" "$2:$3" --context "$context" </dev/null &
    kubectl=$!
    code=0
    wait "$kubectl" || code=$?
    [[ $code != 143 ]] || exit 0
    echo "the forward ended with code $code; starting it again"
    sleep 1
  done
}

privileged() { # port: whether it takes root to listen on it
  (($1 < $(sysctl -n net.ipv4.ip_unprivileged_port_start 2>/dev/null || echo 1024))) && [[ $(id -u) != 0 ]]
}

is_ours() { [[ -r /proc/$1/cmdline ]] && tr '\0' ' ' <"/proc/$1/cmdline" | grep -q 'start-services.sh --forward'; } # pid

stop() {
  local file pid
  for file in "$pids"/*; do
    [[ -f $file ]] || continue
    pid=$(<"$file")
    if is_ours "$pid"; then
      kill "$pid" 2>/dev/null || sudo kill "$pid"
      timeout 10 tail --pid="$pid" -f /dev/null || true
    fi
    rm -f "$file"
  done
}

check_port() { # name, port
  local taken
  taken=$(ss -ltnpH "sport = :$2" | head -n 1)
  [[ -z $taken ]] ||
    fail "port $2, which the $1 needs, is taken by ${taken##* }" 'another server, or forwards started by hand' \
      "ss -ltnp 'sport = :$2', stop what is shown, then $0"
}

start() { # name, local port, service's port
  local runner=() log
  log=$(log_of "$1")
  privileged "$2" && runner=(sudo -n env "KUBECONFIG=${KUBECONFIG:-$HOME/.kube/config}")
  "${runner[@]}" setsid "$PWD/start-services.sh" --forward "$1" "$2" "$3" "$context" >"$log" 2>&1 </dev/null &
  echo $! >"$pids/$1"
}

check_forward() { # name, port
  await 20 answers 127.0.0.1 "$2" && return
  tail -n 5 "$(log_of "$1")" >&2
  fail "the forward to $1 does not start" "no ready pod of $1" "kubectl get pods -l app=$1"
}

report() { # tick's name, where it is, arrow
  printf '✓ %-10s %s (%s)\n' "$2:" "$3" "$4"
  printf '  Log:       tail -f %s\n  PID:       %s\n\n' "$(log_of "$1")" "$(<"$pids/$1")"
}

wanted_context='' action=start
while (($#)); do
  case $1 in
    --context) wanted_context=${2:?--context needs a name} && shift ;;
    --stop) action=stop ;;
    --forward)
      context=$5
      forward "$2" "$3" "$4"
      ;;
    -h | --help) usage && exit 0 ;;
    *) misuse "unknown argument $1" ;;
  esac
  shift
done
if [[ $action == stop ]]; then
  stop
  exit
fi

echo 'Starting port forwarding for video2mp3 services...'
use_context "$wanted_context"
need ss
privileged 80 && sudo -v
mkdir -p "$pids" && chmod 700 "$pids"
stop
printf '\nCleaning up old log files...\n'
for line in "${forwards[@]}"; do
  read -r name port target <<<"$line"
  rm -f "$(log_of "$name")"
  check_port "$name" "$port"
done
echo 'Starting port forwards in background...'
for line in "${forwards[@]}"; do
  read -r name port target <<<"$line"
  start "$name" "$port" "$target"
done
for line in "${forwards[@]}"; do
  read -r name port target <<<"$line"
  check_forward "$name" "$port"
done

echo
report gateway Gateway http://video2mp3.com 'localhost:80 → gateway:8080'
report auth Auth http://localhost:5000 '→ auth:5000'
report rabbitmq RabbitMQ http://localhost:15672 '→ rabbitmq:15672'
cat <<'TEXT'
Port forwarding started! Use these URLs:
  - Gateway:   http://video2mp3.com
  - Auth:      http://localhost:5000
  - RabbitMQ:  http://localhost:15672 (guest/guest)

To stop all port forwards:
  sudo pkill -f 'kubectl port-forward'
TEXT
