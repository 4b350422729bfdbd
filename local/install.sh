# What must be there before Python is: Debian packages and a virtual environment.
# shellcheck shell=bash disable=SC2154

# One line a package: what it is needed for.
PACKAGES='rabbitmq-server the message broker
mariadb-server-core the user database
mariadb-client-core its client
ffmpeg the demo
python3-venv the virtual environment
python3-dev building the MySQL driver
gcc building the MySQL driver
pkg-config building the MySQL driver
libmariadb-dev building the MySQL driver
libcurl4 mongod
openssl the mail catcher'\''s certificate
curl the demo
file the demo
iproute2 finding taken ports
ca-certificates downloads'

missing_packages() {
  local package reason
  while read -r package reason; do
    installed "$package" || printf '%s (%s)\n' "$package" "$reason"
  done <<<"$PACKAGES"
}

install_packages() {
  local missing names sudo=()
  command -v apt-get >/dev/null || fail 'this machine has no apt-get' \
    'it is not Debian; the local stack is made for Debian 12' 'use a Debian 12 machine or container'
  missing=$(missing_packages)
  [[ -n $missing ]] || return 0
  mapfile -t names < <(cut -d' ' -f1 <<<"$missing")
  echo 'Installing with apt (a minute or two):'
  printf '  %s\n' "${missing//$'\n'/$'\n'  }"
  if ((EUID != 0)); then
    command -v sudo >/dev/null || fail 'packages are missing and there is no sudo' \
      'you are not root' "as root: apt-get install --no-install-recommends ${names[*]}"
    sudo=(sudo)
  fi
  "${sudo[@]}" "$ROOT/local/apt-install" "${names[@]}" >"$LOG_DIR/apt.log" 2>&1 ||
    fail "apt could not install them: $(tail -n 3 "$LOG_DIR/apt.log")" \
      'no network, another apt at work, or a package that would push out one of yours' \
      "less $LOG_DIR/apt.log"
}

install_venv() {
  local places=("${services[@]}" local local/mailcatcher) files stamp
  files=("${places[@]/%//requirements.txt}")
  files=("${files[@]/#/$ROOT/}")
  stamp=$(cat "${files[@]}" | sha256sum)
  [[ $(cat "$VENV/stamp" 2>/dev/null) != "$stamp" ]] || return 0
  echo 'Installing the Python packages into a virtual environment (a minute)'
  stack down # it runs on what is about to be replaced
  /usr/bin/python3 -m venv --clear "$VENV"
  # Importing moviepy loads the first .env above site-packages: this one, not the user's with secrets.
  : >"$VENV/.env"
  "$VENV/bin/pip" install --no-deps --require-hashes "${files[@]/#/--requirement=}" \
    >"$LOG_DIR/pip.log" 2>&1 ||
    fail "pip failed: $(tail -n 3 "$LOG_DIR/pip.log")" 'no network' "less $LOG_DIR/pip.log"
  printf '%s\n' "$stamp" >"$VENV/stamp"
}
