# The files that local/up writes: folders, secrets, a certificate, the servers' configuration.
# shellcheck shell=bash

make_folders() {
  umask 077
  mkdir -p "$LOCAL_DIR"
  chmod 700 "$LOCAL_DIR"
  mkdir -p "$RUN" "$LOG_DIR" "$MAIL_DIR" "$LOCAL_DIR"/{secrets,tls,work,mariadb,mongodb/data} \
    "$LOCAL_DIR"/rabbitmq/{data,log}
}

# secret NAME: made once and kept.
secret() {
  local file=$LOCAL_DIR/secrets/$1
  [[ -s $file ]] || openssl rand -hex 32 >"$file"
}

configure_secrets() {
  secret jwt_secret
  secret rabbitmq_password
  secret smtp_password
  MYSQL_PASSWORD=${MYSQL_PASSWORD:-$(cat "$LOCAL_DIR/secrets/mysql_password" 2>/dev/null || printf 'Auth123!')}
  printf '%s\n' "$MYSQL_PASSWORD" >"$LOCAL_DIR/secrets/mysql_password"
  RABBITMQ_PASSWORD=$(<"$LOCAL_DIR/secrets/rabbitmq_password")
  RABBITMQ_URL=amqp://video2mp3:$RABBITMQ_PASSWORD@127.0.0.1:$AMQP_PORT
  printf '%s\n' "$RABBITMQ_URL" >"$LOCAL_DIR/secrets/rabbitmq_url"
  MONGODB_URI=mongodb://127.0.0.1:$MONGODB_PORT
  export MYSQL_PASSWORD RABBITMQ_PASSWORD MONGODB_URI
}

configure_tls() {
  local cert=$LOCAL_DIR/tls/cert.pem
  if ! openssl x509 -in "$cert" -noout -checkend 604800 >/dev/null 2>&1; then
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 365 \
      -subj /CN=localhost -addext 'subjectAltName=DNS:localhost,IP:127.0.0.1' \
      -keyout "$LOCAL_DIR/tls/key.pem" -out "$cert" 2>"$LOG_DIR/openssl.log" ||
      fail 'no certificate for the mail catcher' "$(tail -n 1 "$LOG_DIR/openssl.log")" "less $LOG_DIR/openssl.log"
  fi
}

# render TEMPLATE FILE: puts the environment's values in place of $NAME; an unknown name is an error.
render() {
  "$VENV/bin/python" -c 'import os, string, sys
sys.stdout.write(string.Template(sys.stdin.read()).substitute(os.environ))' <"$1" >"$2"
}

# code_stamp FOLDER: changes with a service's code, and so makes supervisor restart the service.
code_stamp() {
  find "$ROOT/$1" "$ROOT/servicekit" -name '*.py' -print0 | sort -z | xargs -0 cat | sha256sum | cut -c1-16
}

configure() {
  local name
  for name in auth gateway converter notification; do
    export "${name^^}_CODE=$(code_stamp "$name")"
  done
  configure_secrets
  configure_tls
  STACK_USER=$(id -un)
  export STACK_USER
  for name in rabbitmq.conf definitions.json enabled_plugins; do
    render "$ROOT/local/rabbitmq/$name" "$LOCAL_DIR/rabbitmq/$name"
  done
  render "$ROOT/local/supervisord.conf" "$RUN/supervisord.conf.new"
}

configure_mariadb() {
  [[ ! -d $LOCAL_DIR/mariadb/data/mysql ]] || return 0
  say 'Preparing the database'
  rm -rf "$LOCAL_DIR/mariadb/new"
  mariadb-install-db --no-defaults --user="$STACK_USER" --datadir="$LOCAL_DIR/mariadb/new" \
    --auth-root-authentication-method=socket --auth-root-socket-user="$STACK_USER" \
    --skip-test-db >"$LOG_DIR/mariadb-install.log" 2>&1 ||
    fail 'the database could not be prepared' "$(tail -n 1 "$LOG_DIR/mariadb-install.log")" \
      "less $LOG_DIR/mariadb-install.log"
  rm -rf "$LOCAL_DIR/mariadb/data"
  mv "$LOCAL_DIR/mariadb/new" "$LOCAL_DIR/mariadb/data"
}

# assign NAME VALUE...: lines for a shell, quoted only where it must be.
assign() {
  while (($#)); do
    if [[ $2 =~ ^[A-Za-z0-9_./:@!,+-]*$ ]]; then printf '%s=%s\n' "$1" "$2"; else printf '%s=%s\n' "$1" "${2@Q}"; fi
    shift 2
  done
}

save_numbers() {
  local name
  for name in LOCAL_PORT_BASE GATEWAYS AUTHS CONVERTERS NOTIFICATIONS; do
    printf '%s=%s\n' "$name" "${!name}"
  done >"$LOCAL_DIR/numbers"
}

write_env() {
  {
    printf '# The running local stack; written by local/up.\n'
    assign GATEWAY_URL "http://127.0.0.1:$GATEWAY_PORT" AUTH_URL "http://127.0.0.1:$AUTH_PORT" \
      MYSQL_HOST 127.0.0.1 MYSQL_PORT "$MYSQL_PORT" MYSQL_USER auth_user \
      MYSQL_PASSWORD "$MYSQL_PASSWORD" MYSQL_DB auth MONGODB_URI "$MONGODB_URI" \
      RABBITMQ_URL "$RABBITMQ_URL" RABBITMQ_MANAGEMENT_URL "http://127.0.0.1:$MANAGEMENT_PORT" \
      MAIL_DIR "$MAIL_DIR" LOG_DIR "$LOG_DIR"
  } >"$LOCAL_DIR/env.new"
  mv "$LOCAL_DIR/env.new" "$LOCAL_DIR/env"
}
