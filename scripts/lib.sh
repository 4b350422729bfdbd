# What the scripts share; sourced by them.
# shellcheck shell=bash disable=SC2034

mapfile -t services <"${BASH_SOURCE[0]%/*}/services.txt"
ours=app.kubernetes.io/part-of=video2mp3
context=''
known_settings=(GMAIL_ADDRESS GMAIL_PASSWORD MYSQL_HOST MONGODB_HOST MYSQL_PASSWORD MYSQL_TLS
  ACCOUNTS_PASSWORD JWT_SECRET LINK_SECRET PUBLIC_URL REGISTRATION USER_QUOTA_BYTES
  SMTP_HOST SMTP_PORT SMTP_TLS IMAGE_REGISTRY PYTHON_IMAGE RABBITMQ_IMAGE
  MONGODB_ADMIN_PASSWORD MONGODB_GATEWAY_PASSWORD MONGODB_CONVERTER_PASSWORD MONGODB_NOTIFICATION_PASSWORD
  MONGODB_SWEEP_PASSWORD
  MONGODB_URI MONGODB_IMAGE TLS_CERT_FILE TLS_KEY_FILE TLS_ISSUER
  OTEL_EXPORTER_OTLP_ENDPOINT)
# Who has a user in MongoDB, where it asks for one; scripts/mongodb-roles.json gives them their rights.
mongodb_users=(gateway converter notification sweep)

fail() { # what failed, its likely cause, the next command
  printf 'Error: %s\n' "$1" >&2
  [[ -z ${2-} ]] || printf 'Likely cause: %s\n' "$2" >&2
  [[ -z ${3-} ]] || printf 'Next: %s\n' "$3" >&2
  exit 1
}

warn() { # what may go wrong, what to do about it
  printf '\nWarning: %s\nNext: %s\n' "$1" "$2" >&2
}

misuse() { # what is wrong with the command line
  printf '%s: %s\nNext: %s --help\n' "$0" "$1" "$0" >&2
  exit 2
}

need() { # tools...
  local tool
  for tool in "$@"; do
    command -v "$tool" >/dev/null || fail "$tool is not installed" '' "install $tool, then repeat $0"
  done
}

random_hex() { od -An -N"$1" -tx1 /dev/urandom | tr -d ' \n'; } # bytes

as_root() {
  if [[ $(id -u) == 0 ]]; then "$@"; else sudo "$@"; fi
}

installed() { # Debian package
  dpkg-query -W -f '${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed
}

k() { kubectl "$@" --context "$context"; }

# Settles `context`, given as $1 or else the current one, which then must be minikube: nothing of
# ours lands by accident in a cluster that is in use for something else.
use_context() {
  need kubectl
  context=${1:-$(kubectl config current-context 2>/dev/null || true)}
  [[ -n $context ]] || fail 'kubectl has no context' 'minikube was never started' 'minikube start'
  [[ -n ${1-} || $context == minikube ]] ||
    fail "the current kubectl context is $context, not minikube" '' \
      "kubectl config use-context minikube, or $0 --context $context"
  k version --request-timeout 10s >/dev/null 2>&1 ||
    fail "the cluster of context $context does not answer" 'it is stopped' 'minikube start'
}

# Reads the settings of .env: NAME=value lines, of these names only. It is never run as a script.
# A variable that is set in the environment wins.
read_env() { # file, names...
  local file=$1 line name value
  shift
  [[ -f $file ]] || return 0
  [[ $(stat -c %a "$file") =~ ^[0-7]00$ ]] ||
    fail "$file can be read by others" 'it holds passwords' "chmod 600 $file"
  while IFS= read -r line || [[ -n $line ]]; do
    line=${line%$'\r'}
    [[ $line =~ ^[[:space:]]*(#|$) ]] && continue
    [[ $line =~ ^[[:space:]]*(export[[:space:]]+)?([A-Z_]+)=(.*)$ ]] ||
      fail "$file has a line that is no NAME=value" '' "edit $file; .env.example shows what may be there"
    name=${BASH_REMATCH[2]} value=${BASH_REMATCH[3]}
    [[ " $* " == *" $name "* ]] ||
      fail "$file sets $name, which is unknown" '' "edit $file; .env.example shows what may be there"
    [[ $value =~ ^\"(.*)\"$ || $value =~ ^\'(.*)\'$ ]] && value=${BASH_REMATCH[1]}
    [[ -n ${!name-} ]] || printf -v "$name" %s "$value"
  done <"$file"
}

# Sets host_ip, where the pods reach this machine: minikube gives its host the first address of its network.
find_host() {
  need minikube
  local ip
  ip=$(minikube ip) || fail 'minikube has no address' 'it is stopped' 'minikube start'
  host_ip=${ip%.*}.1
}

# Repeats a command until it succeeds, its end with code 2 says that it never will, or the time is up.
await() { # seconds, command...
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    (($? != 2 && SECONDS < deadline)) || return 1
    sleep 0.5
  done
}

answers() { timeout 5 bash -c "exec 3<>/dev/tcp/$1/$2" 2>/dev/null; } # host, port
