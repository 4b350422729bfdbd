# The demo's half for Kubernetes; see the end of run-demo.sh.
# shellcheck shell=bash disable=SC2154

clean_slate() { "$ROOT/undeploy.sh" || step_failed 'the old deployment cannot be removed' 'see the lines above' './undeploy.sh'; }

deploy() {
  "$ROOT/deploy.sh" || step_failed 'the deployment failed' 'see the lines above' './deploy.sh'
  make_user
}

# Where ./setup-host.sh --no-demo left it out.
make_user() {
  # shellcheck disable=SC2016 # for the shell in the pod
  kubectl exec -i deployment/auth -- bash -c '
    MYSQL_PWD=$(</etc/secrets/MYSQL_PASSWORD) mysql --connect-timeout=10 \
      -h "$MYSQL_HOST" -P "$MYSQL_PORT" -u "$MYSQL_USER" "$MYSQL_DB"' <<<"
    INSERT IGNORE INTO user (email, password) VALUES ('$DEMO_EMAIL', '$DEMO_PASSWORD_HASH');" ||
    step_failed "the demo's user cannot be made" 'auth cannot reach MySQL' "$(look_at auth)"
}

forward() {
  "$ROOT/start-services.sh" || step_failed 'the ports cannot be forwarded' 'see the lines above' './start-services.sh'
  GATEWAY_URL=http://video2mp3.com
  getent hosts video2mp3.com | grep -qE '^(127\.|::1)' ||
    step_failed 'video2mp3.com is not this machine' './setup-host.sh was never run' './setup-host.sh'
}

doctor() { "$ROOT/doctor.sh"; }

look_at() { printf 'kubectl logs -l app=%s --tail=20' "$1"; }

caught() { kubectl get deployment mailcatcher >/dev/null 2>&1; }

hint() {
  ! caught || printf '\n%s\n' 'Mails are not sent but kept:
  kubectl exec deployment/mailcatcher -- sh -c "cat /mail/*"'
}

# A mail's file is named after its arrival in nanoseconds. A real mailbox cannot be read from here:
# there the job itself says what its mail says.
mails_since() {
  if ! caught; then
    authorized --max-time 10 "$GATEWAY_URL/jobs/$job" |
      sed -n 's/.*"mp3_fid": *"\([0-9a-f]*\)".*/mp3 file_id: \1 is now ready!/p'
    return
  fi
  # shellcheck disable=SC2016 # for the shell in the pod
  kubectl exec deployment/mailcatcher -- bash -c '
    shopt -s nullglob
    for file in /mail/*.eml; do
      name=${file##*/}
      ((${name%%-*} < $1)) || cat "$file"
    done' - "$1"
}
