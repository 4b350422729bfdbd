# Starting the supervisor, and waiting until everything is ready.
# shellcheck shell=bash

READY_TIMEOUT=${READY_TIMEOUT:-120} # seconds

start_all() {
  [[ $(saved LOCAL_PORT_BASE) == "$LOCAL_PORT_BASE" ]] || stop_stack # every port moves
  if supervisor_up; then
    say 'The stack is up; starting what is down and restarting what is changed.'
    use_configuration
    supervisorctl update >>"$LOG_DIR/up.log" 2>&1 || true
    supervisorctl start all >>"$LOG_DIR/up.log" 2>&1 || true
    return
  fi
  stop_orphans
  check_ports
  find "$LOCAL_DIR/work" -mindepth 1 -delete
  configure_mariadb
  rm -f "$RUN"/*.sock
  use_configuration
  say 'Starting the servers and the services'
  # RabbitMQ is the last to come up: look for it every 2 s at least, not every 10 as in a cluster.
  RABBITMQ_RECONNECT_DELAY_MAX=${RABBITMQ_RECONNECT_DELAY_MAX:-2} LOCAL_STACK=$LOCAL_DIR \
    "$VENV/bin/supervisord" -c "$RUN/supervisord.conf" 9>&- >"$LOG_DIR/up.log" 2>&1 ||
    fail "the supervisor does not start: $(tail -n 2 "$LOG_DIR/up.log")" \
      "a fault in $RUN/supervisord.conf" "less $LOG_DIR/up.log"
}

use_configuration() {
  mv "$RUN/supervisord.conf.new" "$RUN/supervisord.conf"
  save_numbers
}

all_ports() {
  local name
  for name in GATEWAY_PORT AUTH_PORT MYSQL_PORT MONGODB_PORT AMQP_PORT MANAGEMENT_PORT DIST_PORT \
    EPMD_PORT SMTP_PORT MAILCATCHER_HEALTH; do
    printf '%s\n' "${!name}"
  done
  health_ports | cut -d' ' -f2
}

# One line a service's process: its name and its port of probes.
health_ports() {
  local kind count first i
  for kind in auth:AUTHS:AUTH_HEALTH gateway:GATEWAYS:GATEWAY_HEALTH \
    converter:CONVERTERS:CONVERTER_HEALTH notification:NOTIFICATIONS:NOTIFICATION_HEALTH; do
    IFS=: read -r kind count first <<<"$kind"
    for ((i = 0; i < ${!count}; i++)); do
      printf '%s-%d %d\n' "$kind" $((${!first} + i)) $((${!first} + i))
    done
  done
}

check_ports() {
  local port line
  for port in $(all_ports); do
    line=$(ss -Hltnp "sport = :$port")
    [[ -z $line ]] || fail "port $port is taken: $(grep -o 'users:.*' <<<"$line" || printf 'by a process of another user')" \
      'another program, or another local stack, listens on it' \
      "LOCAL_PORT_BASE=$((LOCAL_PORT_BASE < 60000 ? LOCAL_PORT_BASE + 1000 : 18000)) ${0}"
  done
}

answers() { curl --noproxy '*' -fs -m 5 -o /dev/null "$1"; }

# What supervisor no longer tries to start; empty when there is none.
gave_up() { supervisorctl status 2>/dev/null | sed -n '/FATAL/{s/  */ /gp;q}'; }

# await NAME LOG COMMAND...: shows progress; ends with the last lines of LOG when NAME is not ready in time.
await() {
  local name=$1 file=$LOG_DIR/$2 deadline=$((SECONDS + READY_TIMEOUT)) looked=$SECONDS
  shift 2
  until "$@" >"$LOG_DIR/await.log" 2>&1; do
    if ((SECONDS >= deadline)) || { ((SECONDS >= looked + 5)) && looked=$SECONDS && [[ -n $(gave_up) ]]; }; then
      printf '\nlast lines of %s:\n' "$file" >&2
      tail -n 8 "$file" >&2 || true
      fail "$name is not ready. $(gave_up)" \
        "see the lines above; $(tail -n 1 "$LOG_DIR/await.log")" "local/ctl status; less $file"
    fi
    sleep 0.2
  done
  say "  ready: $name"
}

seed() {
  [[ -S $RUN/mariadb.sock ]] || return 1
  "$VENV/bin/python" "$ROOT/local/seed.py" "$RUN/mariadb.sock" "$ROOT/auth/init.sql" \
    "$LOCAL_DIR/secrets/mysql_password" "${1:-%}"
}

wait_ready() {
  local name port
  await mariadb mariadb.log seed
  await mailcatcher mailcatcher.log answers "http://127.0.0.1:$MAILCATCHER_HEALTH/readyz"
  await rabbitmq rabbitmq.log answers "http://guest:guest@127.0.0.1:$MANAGEMENT_PORT/api/overview"
  while read -r name port; do
    await "$name" "$name.log" answers "http://127.0.0.1:$port/readyz"
  done < <(health_ports)
}

summary() {
  say "
Video2MP3 is up, $SECONDS s.
  Gateway    http://127.0.0.1:$GATEWAY_PORT
  Mails      $MAIL_DIR
  Logs       $LOG_DIR
  RabbitMQ   http://127.0.0.1:$MANAGEMENT_PORT (guest/guest)
  Variables  . $LOCAL_DIR/env
  Next       ./run-demo.sh --local    local/ctl status    local/down"
}
