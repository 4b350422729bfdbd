# The demo's half for one machine without Kubernetes; see the end of run-demo.sh.
# shellcheck shell=bash

LOCAL_DIR=${LOCAL_DIR:-$ROOT/.local}

clean_slate() {
  echo 'Nothing to undeploy: the local stack resumes with its data (local/down --purge removes it).'
}

deploy() {
  "$ROOT/local/up" || step_failed 'the stack did not come up' 'see the lines above' 'local/up'
}

forward() {
  # shellcheck source=/dev/null
  . "$LOCAL_DIR/env"
  cat <<TEXT
Nothing to forward on one machine. Use these URLs:
  - Gateway:   $GATEWAY_URL
  - Auth:      $AUTH_URL
  - RabbitMQ:  $RABBITMQ_MANAGEMENT_URL (guest/guest)
TEXT
}

doctor() { "$ROOT/local/ctl" doctor; }

look_at() { printf 'local/ctl status; tail %s/%s-*.log' "$LOG_DIR" "$1"; }

hint() {
  cat <<TEXT

Here, without Kubernetes:
  tail -f $LOG_DIR/converter-*.log
  tail -f $LOG_DIR/notification-*.log
  ls $MAIL_DIR
TEXT
}

# A mail's file is named after its arrival in nanoseconds.
mails_since() {
  local file
  for file in "$MAIL_DIR"/*.eml; do
    [[ -e $file ]] || continue
    (($(basename "$file" | cut -d- -f1) < $1)) || cat "$file"
  done
}
