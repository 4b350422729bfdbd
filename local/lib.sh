# Shared by local/up, local/down and local/ctl: where things are, and how to speak and wait.
# shellcheck shell=bash disable=SC2034

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
LOCAL_DIR=$(realpath -m "${LOCAL_DIR:-$ROOT/.local}")
VENV=$LOCAL_DIR/venv
RUN=$LOCAL_DIR/run
LOG_DIR=$LOCAL_DIR/log
MAIL_DIR=$LOCAL_DIR/mail
export ROOT LOCAL_DIR VENV RUN LOG_DIR MAIL_DIR

# A running stack keeps the ports and numbers it was started with, unless told otherwise.
saved() {
  sed -n "s/^$1=//p" "$LOCAL_DIR/numbers" 2>/dev/null || true
}

number() {
  local value=${!1:-$(saved "$1")}
  printf -v "$1" '%s' "${value:-$2}"
  export "${1?}"
}

number LOCAL_PORT_BASE 18000
number GATEWAYS 2
number AUTHS 2
number CONVERTERS 4
number NOTIFICATIONS 4

# Every port is an offset from LOCAL_PORT_BASE; the ports of probes and metrics have room for
# 10 gateways, 10 auths, 30 converters and 30 notifications.
ports() {
  local offset=0 name
  for name in GATEWAY_PORT AUTH_PORT MYSQL_PORT MONGODB_PORT AMQP_PORT MANAGEMENT_PORT DIST_PORT \
    EPMD_PORT SMTP_PORT MAILCATCHER_HEALTH GATEWAY_HEALTH; do
    export "$name=$((LOCAL_PORT_BASE + offset))"
    offset=$((offset + 1))
  done
  export AUTH_HEALTH=$((LOCAL_PORT_BASE + 20))
  export CONVERTER_HEALTH=$((LOCAL_PORT_BASE + 30))
  export NOTIFICATION_HEALTH=$((LOCAL_PORT_BASE + 60))
}

say() { printf '%s\n' "$*"; }

# fail WHAT CAUSE NEXT: the three things that a person needs.
fail() {
  printf '\n%s: %s\n  Likely cause: %s\n  Next:         %s\n' "${0##*/}" "$1" "$2" "$3" >&2
  exit 1
}

misuse() {
  printf '%s: %s\n' "${0##*/}" "$1" >&2
  exit 2
}

in_range() {
  if ! [[ ${!1} =~ ^[1-9][0-9]{0,4}$ ]] || ((${!1} < $2 || ${!1} > $3)); then
    misuse "$1 must be a whole number between $2 and $3"
  fi
}

check_settings() {
  in_range LOCAL_PORT_BASE 1024 65400
  in_range GATEWAYS 1 10
  in_range AUTHS 1 10
  in_range CONVERTERS 1 30
  in_range NOTIFICATIONS 1 30
  [[ $LOCAL_DIR$ROOT =~ ^[A-Za-z0-9/._@+-]+$ ]] ||
    misuse "LOCAL_DIR and the checkout must have no spaces or signs in their paths: $LOCAL_DIR"
  ((${#LOCAL_DIR} <= 80)) || misuse "LOCAL_DIR is longer than 80 letters, too long for a socket's path"
  ports
}

# wait_until SECONDS COMMAND...: true as soon as COMMAND is.
wait_until() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    ((SECONDS < deadline)) || return 1
    sleep 0.1
  done
}

supervisorctl() { "$VENV/bin/supervisorctl" -c "$RUN/supervisord.conf" "$@"; }

supervisor_up() { [[ -S $RUN/supervisor.sock ]] && supervisorctl pid >/dev/null 2>&1; }

# The ids of this stack's processes: each carries LOCAL_STACK in its environment. It finds those too
# that outlived a supervisor which was killed, and nobody else's.
stack_pids() {
  grep -slzxF "LOCAL_STACK=$LOCAL_DIR" /proc/[0-9]*/environ 2>/dev/null | cut -d/ -f3 || true
}

no_process() { [[ -z $(stack_pids) ]]; }

# Ends everything in order; bounded by the longest stopwaitsecs of the services and of the servers.
stop_stack() {
  if supervisor_up; then
    say 'Stopping the services, then the servers'
    supervisorctl shutdown >/dev/null || true
    wait_until 300 no_process || say 'They take too long.'
  fi
  stop_orphans
}

# Ends what a killed supervisor left behind.
stop_orphans() {
  ! no_process || return 0
  say 'Stopping what an earlier run left behind'
  stack_pids | xargs kill -TERM 2>/dev/null || true
  wait_until 30 no_process || stack_pids | xargs kill -KILL 2>/dev/null || true
  wait_until 10 no_process || fail "some processes do not end: $(stack_pids | tr '\n' ' ')" \
    'a disk that does not answer' 'local/down'
}
