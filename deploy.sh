#!/usr/bin/env bash
# Builds the images, gives them to the cluster and applies the manifests.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")"
# shellcheck source=scripts/lib.sh
. scripts/lib.sh
# shellcheck source=scripts/images.sh
. scripts/images.sh
# shellcheck source=scripts/render.sh
. scripts/render.sh

usage() {
  cat <<'TEXT'
Usage: ./deploy.sh [--context NAME] [--mailcatcher] [--hpa] [--dry-run]

Deploys Video2MP3 to minikube, or updates it without a failed request.

  --context NAME  another kubectl context than minikube: kind-NAME, or any cluster together with
                  IMAGE_REGISTRY; MYSQL_HOST and MONGODB_HOST must then be set
  --mailcatcher   send no mail, keep it in a pod; so too when .env has no Gmail credentials
  --hpa           let Kubernetes choose the number of converters, 4 to 16
  --dry-run       print what would be applied, with the secrets hidden, and change nothing

Settings are read from .env, which .env.example describes, and from the environment.
TEXT
}

wanted_context='' mailcatcher=no dry_run=no components=()
while (($#)); do
  case $1 in
    --context) wanted_context=${2:?--context needs a name} && shift ;;
    --mailcatcher) mailcatcher=yes ;;
    --hpa) components+=(hpa) ;;
    --dry-run) dry_run=yes ;;
    -h | --help) usage && exit 0 ;;
    *) misuse "unknown argument $1" ;;
  esac
  shift
done

find_hosts() {
  [[ $context != minikube ]] || find_host
  MYSQL_HOST=$(address_of MYSQL_HOST "${MYSQL_HOST:-${host_ip-}}")
  MONGODB_HOST=$(address_of MONGODB_HOST "${MONGODB_HOST:-${host_ip-}}")
}

address_of() { # setting, its value: as an IPv4 address, which is what a NetworkPolicy takes
  [[ -n $2 ]] || fail "$1 is not set" "only minikube's host can be guessed" "set $1 in .env"
  getent ahostsv4 "$2" | awk '{print $1; exit}' | grep . ||
    fail "$1 is no address and no known name: $2" '' "set $1 in .env"
}

check_databases() {
  [[ $context == minikube ]] || return 0
  answers "$MYSQL_HOST" 3306 || fail "MySQL does not answer at $MYSQL_HOST:3306" \
    'it is stopped, or listens on 127.0.0.1 only' './setup-host.sh, or ./setup-host.sh --embedded'
  answers "$MONGODB_HOST" 27017 || fail "MongoDB does not answer at $MONGODB_HOST:27017" \
    'it is stopped, or listens on 127.0.0.1 only' './setup-host.sh, or ./setup-host.sh --embedded'
}

choose_mail() {
  if [[ -z $GMAIL_ADDRESS || -z $GMAIL_PASSWORD ]]; then
    echo 'No GMAIL_ADDRESS and GMAIL_PASSWORD in .env: mails are kept in the pod mailcatcher.' >&2
    mailcatcher=yes
  fi
  [[ $mailcatcher == yes ]] || return 0
  need openssl
  components+=(mailcatcher)
  GMAIL_ADDRESS=${GMAIL_ADDRESS:-video2mp3@example.com} GMAIL_PASSWORD=${GMAIL_PASSWORD:-kept-in-a-pod}
}

apply() { # heading or nothing, app
  [[ -z $1 ]] || printf '\n%s\n' "$1"
  k apply --openapi-patch=false -l "app=$2" -f "$work/all.yaml" || fail "$2 cannot be applied" 'see above' "$0 --dry-run"
}

# A StatefulSet waits for ever for a pod that never gets ready, even when its successor is at hand.
replace_broken_broker() {
  local wanted pods
  wanted=$(k get statefulset rabbitmq -o 'jsonpath={.status.updateRevision}')
  pods=$(k get pods -l "app=rabbitmq,controller-revision-hash!=$wanted" \
    -o 'jsonpath={.items[?(@.status.containerStatuses[0].ready==false)].metadata.name}')
  [[ -z $pods ]] || k delete pod "$pods" --wait=false
}

# Pods that wait since an earlier deploy, for an image or after a crash, would be taken for a failure
# of this one.
replace_waiting_pods() {
  local pods
  mapfile -t pods < <(k get pods -l "$ours" -o \
    'jsonpath={range .items[*]}{.metadata.name} {.status.containerStatuses[0].state.waiting.reason}{"\n"}{end}' |
    awk '$2 ~ /BackOff$|^ErrImage/ {print $1}')
  ((${#pods[@]} == 0)) || k delete pod "${pods[@]}" --timeout=100s ||
    fail 'pods that wait since an earlier deploy do not end' '' "kubectl get pods -l $ours"
}

remove_unwanted() { # options of an earlier deploy that are off now
  local option
  for option in hpa mailcatcher; do
    [[ " ${components[*]} " == *" $option "* ]] ||
      k delete deployment,service,networkpolicy,hpa,pdb,serviceaccount,configmap \
        -l "$ours,video2mp3.com/option=$option" | grep -v '^No resources found' || true
  done
}

# Waits five minutes, or until a pod of the new version has crashed three times.
check_rollout() { # kind/name, app
  await 300 rolled_out "$1" "$2" && return
  explain "$2"
  fail "$1 does not become ready" 'see the events and log lines above' "kubectl describe pods -l app=$2"
}

rolled_out() { # kind/name, app
  ! crashes "$2" || return 2
  k rollout status "$1" --timeout=20s 2>"$work/rollout.log"
}

crashes() { # app
  k get pods -l "app=$1" -o 'jsonpath={range .items[*]}{.status.containerStatuses[0].restartCount} {.status.containerStatuses[0].state.waiting.reason}{"\n"}{end}' |
    awk '($1 >= 3 && $2 == "CrashLoopBackOff") || $2 ~ /^(ErrImage|ImagePull|InvalidImage)/ {bad = 1} END {exit !bad}'
}

explain() { # app: which of its pods are not ready, and why
  local pod
  k get pods -l "app=$1" >&2
  for pod in $(k get pods -l "app=$1" -o 'jsonpath={range .items[?(@.status.containerStatuses[0].ready!=true)]}{.metadata.name}{"\n"}{end}'); do
    printf '\nEvents of %s:\n' "$pod" >&2
    k get events --field-selector "involvedObject.name=$pod" --sort-by=.lastTimestamp 2>/dev/null | tail -n 5 >&2
    printf 'Its last log lines:\n' >&2
    k logs "$pod" --tail=10 >&2 || true
  done
}

GMAIL_ADDRESS=${GMAIL_ADDRESS-} GMAIL_PASSWORD=${GMAIL_PASSWORD-}
read_env .env "${known_settings[@]}"
MYSQL_PASSWORD=${MYSQL_PASSWORD:-Auth123!} # the tutorial's; setup-host.sh takes the same setting
need envsubst
use_context "$wanted_context"
find_hosts
choose_mail
images=(rabbitmq "${services[@]}")
[[ $mailcatcher == no ]] || images+=(mailcatcher)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if [[ $dry_run == yes ]]; then
  ensure_images "$work" "${images[@]}"
  render "$work" "${images[@]}"
  exit
fi
echo 'Deploying to Kubernetes...'
echo "Host IP: $MYSQL_HOST"
check_databases
ensure_images "$work" "${images[@]}"
render "$work" "${images[@]}" >"$work/all.yaml"

apply 'Deploying RabbitMQ...' rabbitmq
apply 'Deploying Auth Service...' auth
apply 'Deploying Gateway Service...' gateway
apply '' sweep
apply 'Deploying Converter Service...' converter
apply 'Deploying Notification Service...' notification
[[ $mailcatcher == no ]] || apply 'Deploying the mail catcher...' mailcatcher
replace_broken_broker
replace_waiting_pods
remove_unwanted

printf '\nWaiting for deployments to be ready...\n'
check_rollout statefulset/rabbitmq rabbitmq
[[ $mailcatcher == no ]] || check_rollout deployment/mailcatcher mailcatcher
for service in "${services[@]}"; do
  check_rollout "deployment/$service" "$service"
done
printf '\nDeployment complete!\n'
