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
# shellcheck source=scripts/rollout.sh
. scripts/rollout.sh
# shellcheck source=scripts/tls.sh
. scripts/tls.sh
# shellcheck source=scripts/tracing.sh
. scripts/tracing.sh
# shellcheck source=scripts/keda.sh
. scripts/keda.sh
# shellcheck source=scripts/demo-user.env
. scripts/demo-user.env

usage() {
  cat <<'TEXT'
Usage: ./deploy.sh [--context NAME] [--ha] [--mailcatcher] [--hpa | --keda]
                   [--monitoring | --metrics] [--tls] [--rotate-jwt-secret] [--rotate-link-secret]
                   [--dry-run]

Deploys Video2MP3 to minikube, or updates it without a failed request.

  --context NAME  another kubectl context than minikube: kind-NAME, or any cluster together with
                  IMAGE_REGISTRY; MYSQL_HOST and MONGODB_HOST must then be set
  --ha            RabbitMQ on three nodes, and a MongoDB of three members inside the cluster unless
                  MONGODB_URI names another; docs/high-availability.md tells what that is worth
  --mailcatcher   send no mail, keep it in a pod; so too when .env has no Gmail credentials
  --hpa           let Kubernetes choose the number of converters by their use of CPU, 4 to 16
  --keda          let the cluster's KEDA choose it by the length of their queue, 1 to 16
  --monitoring    a Prometheus with alerts, which keeps a day: kubectl port-forward service/prometheus 9091:9090
  --metrics       let a Prometheus of yours, in the namespace monitoring, read the metrics
  --tls           the Ingress speaks TLS, with the certificate of TLS_CERT_FILE and TLS_KEY_FILE, or one
                  that cert-manager gets from TLS_ISSUER
  --rotate-jwt-secret  sign tokens with a new secret; those of the one before stay good
  --rotate-link-secret  the same for links
  --dry-run       print what would be applied, with the secrets hidden, and change nothing

Settings are read from .env, which .env.example describes, and from the environment.
TEXT
}

wanted_context='' ha=no mailcatcher=no autoscaler='' monitoring=no metrics=no tls=no rotate_jwt=no rotate_links=no dry_run=no components=()
while (($#)); do
  case $1 in
    --context) wanted_context=${2:?--context needs a name} && shift ;;
    --ha) ha=yes ;;
    --mailcatcher) mailcatcher=yes ;;
    --hpa | --keda)
      [[ -z $autoscaler || $1 == "--$autoscaler" ]] || misuse '--hpa and --keda choose the same number: give one'
      autoscaler=${1#--}
      ;;
    --monitoring) monitoring=yes metrics=yes ;;
    --metrics) metrics=yes ;;
    --tls) tls=yes ;;
    --rotate-jwt-secret) rotate_jwt=yes ;;
    --rotate-link-secret) rotate_links=yes ;;
    --dry-run) dry_run=yes ;;
    -h | --help) usage && exit 0 ;;
    *) misuse "unknown argument $1" ;;
  esac
  shift
done

find_hosts() {
  [[ $context != minikube ]] || find_host
  MYSQL_HOST=$(addresses_of MYSQL_HOST "${MYSQL_HOST:-${host_ip-}}")
  [[ $mongodb != host ]] || MONGODB_HOST=$(address_of MONGODB_HOST "${MONGODB_HOST:-${host_ip-}}")
}

addresses_of() { # setting, its value: names with commas between
  local names name addresses=()
  IFS=, read -ra names <<<"$2"
  for name in "${names[@]:-}"; do
    addresses+=("$(address_of "$1" "$name")") || exit
  done
  (IFS=, && echo "${addresses[*]}")
}

address_of() { # setting, its value: as an IPv4 address, which is what a NetworkPolicy takes
  [[ -n $2 ]] || fail "$1 is not set" "only minikube's host can be guessed" "set $1 in .env"
  getent ahostsv4 "$2" | awk '{print $1; exit}' | grep . ||
    fail "$1 is no address and no known name: $2" '' "set $1 in .env"
}

check_databases() {
  [[ $context == minikube ]] || return 0
  local host
  for host in ${MYSQL_HOST//,/ }; do answers "$host" 3306 && break; done ||
    fail "MySQL does not answer at $MYSQL_HOST:3306" \
      'it is stopped, or listens on 127.0.0.1 only' './setup-host.sh, or ./setup-host.sh --embedded'
  [[ $mongodb != host ]] || answers "$MONGODB_HOST" 27017 || fail "MongoDB does not answer at $MONGODB_HOST:27017" \
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

# Where MongoDB is: on its host, inside the cluster, or where MONGODB_URI says.
choose_mongodb() {
  mongodb=host
  [[ $ha == no ]] || mongodb=cluster
  [[ -z ${MONGODB_URI-} ]] || mongodb=elsewhere
  case $mongodb in
    host) ask_for_mongodb_users ;;
    cluster)
      [[ -z ${MONGODB_ADMIN_PASSWORD-} ]] ||
        fail 'the MongoDB of --ha has no users' 'MONGODB_ADMIN_PASSWORD is for one on its own host' \
          'set MONGODB_URI in .env, or take the passwords out'
      components+=(mongodb-replica-set)
      ;;
    elsewhere)
      [[ $MONGODB_URI =~ ^mongodb(\+srv)?://[^[:space:]]+$ ]] || fail 'MONGODB_URI is no URI of MongoDB' '' 'edit .env'
      components+=(mongodb-auth mongodb-elsewhere)
      ;;
  esac
}

# Where .env has passwords for MongoDB, it asks for them.
ask_for_mongodb_users() {
  local user name
  [[ -n ${MONGODB_ADMIN_PASSWORD-} ]] || return 0
  for user in "${mongodb_users[@]}"; do
    name=MONGODB_${user^^}_PASSWORD
    [[ ${!name-} =~ ^[A-Za-z0-9._~-]+$ ]] || # what a URI takes as it is
      fail "$name is missing, or has signs that a URI does not take" '' './setup-host.sh --mongodb-auth'
  done
  components+=(mongodb-auth)
}

apply() { # heading or nothing, app
  [[ -z $1 ]] || printf '\n%s\n' "$1"
  k apply --openapi-patch=false -l "app=$2" -f "$work/all.yaml" || fail "$2 cannot be applied" 'see above' "$0 --dry-run"
}

# A node's name tells what it keeps, and one node has another name than one of three.
check_nodes() {
  local there wanted=rabbitmq
  [[ $ha == no ]] || wanted=rabbitmq-nodes
  there=$(k get statefulset rabbitmq --ignore-not-found -o 'jsonpath={.spec.serviceName}')
  [[ -z $there || $there == "$wanted" ]] ||
    fail 'RabbitMQ cannot change between one node and three while it is deployed' \
      'this deploy has --ha and the one before had not, or the other way round' \
      'docs/high-availability.md, "Moving from one node to three"'
}

# Asked from a gateway's pod, which has the driver and may reach the members.
ask_mongodb_to_join() {
  kubectl --context "$context" exec -i deployment/gateway -- \
    python - video2mp3 mongodb-{0..2}.mongodb:27017 \
    <scripts/mongodb_replica_set.py 2>"$work/mongodb.log"
}

join_mongodb() {
  await 300 ask_mongodb_to_join && return
  cat "$work/mongodb.log" >&2
  fail "MongoDB's members do not become a replica set" 'see above' 'kubectl get pods -l app=mongodb'
}

remove_unwanted() { # options of an earlier deploy that are off now
  local option
  [[ $autoscaler == keda ]] || remove_keda
  for option in hpa keda mailcatcher metrics monitoring tracing; do
    [[ " ${components[*]} " == *" $option "* ]] ||
      k delete deployment,service,networkpolicy,hpa,pdb,serviceaccount,configmap \
        -l "$ours,video2mp3.com/option=$option" | grep -v '^No resources found' || true
  done
  [[ " ${components[*]} " == *' mongodb-auth '* ]] || k delete secret sweep-secret --ignore-not-found
  [[ $tls == yes ]] || k delete secret tls-secret --ignore-not-found
}

# Before each service had a user of its own, RabbitMQ had one for all. Pods of before keep their login
# until they are replaced: an import of definitions removes nobody.
remove_former_users() {
  local rabbitmqctl=(kubectl --context "$context" exec rabbitmq-0 -- rabbitmqctl) users user
  local former=(video2mp3)
  [[ $autoscaler == keda ]] || former+=(keda)
  users=$("${rabbitmqctl[@]}" --quiet list_users)
  for user in "${former[@]}"; do
    ! grep -qE "^${user}[[:space:]]" <<<"$users" || "${rabbitmqctl[@]}" delete_user "$user"
  done
}

# Asked as anybody could ask: its password is public.
warn_of_demo_user() {
  local code
  code=$(timeout 20 kubectl --context "$context" exec deployment/auth -- curl --silent --max-time 10 \
    --output /dev/null --write-out '%{http_code}' --user "$DEMO_EMAIL:$DEMO_PASSWORD" -X POST \
    http://localhost:5000/login) || code="no answer"
  case $code in
    200) warn "$DEMO_EMAIL can log in with the password of the tutorial, which everybody knows." \
      'delete that row of the table user, and ./setup-host.sh --no-demo from then on' ;;
    401) ;;
    *) echo "Whether the demo's user is there cannot be told: $code" >&2 ;;
  esac
}

warn_of_no_accounts() {
  [[ -n ${ACCOUNTS_PASSWORD-} ]] ||
    warn 'ACCOUNTS_PASSWORD is not set: nobody can sign out, and guessing passwords has no limit' \
      './setup-host.sh, which makes it, and ./deploy.sh again'
}

GMAIL_ADDRESS=${GMAIL_ADDRESS-} GMAIL_PASSWORD=${GMAIL_PASSWORD-}
read_env .env "${known_settings[@]}"
[[ $rotate_jwt == no || -z ${JWT_SECRET-} ]] ||
  misuse 'JWT_SECRET is set: change it there, and the one before stays good'
[[ $rotate_links == no || -z ${LINK_SECRET-} ]] ||
  misuse 'LINK_SECRET is set: change it there, and the one before stays good'
MYSQL_PASSWORD=${MYSQL_PASSWORD:-Auth123!} # the tutorial's; setup-host.sh takes the same setting
need envsubst
use_context "$wanted_context"
choose_mongodb
find_hosts
choose_mail
choose_tls
choose_tracing
images=(rabbitmq "${services[@]}")
[[ $mailcatcher == no ]] || images+=(mailcatcher)
[[ -z $autoscaler ]] || components+=("$autoscaler")
[[ $metrics == no ]] || components+=(metrics)
[[ $monitoring == no ]] || components+=(monitoring) images+=(prometheus)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if [[ $dry_run == yes ]]; then
  ensure_images "$work" "${images[@]}"
  render "$work" "${images[@]}"
  exit
fi
echo 'Deploying to Kubernetes...'
echo "Host IP: $MYSQL_HOST"
check_nodes
check_databases
prepare_keda
ensure_images "$work" "${images[@]}"
render "$work" "${images[@]}" >"$work/all.yaml"

apply 'Deploying RabbitMQ...' rabbitmq
[[ $mongodb != cluster ]] || apply 'Deploying MongoDB...' mongodb
apply 'Deploying Auth Service...' auth
apply 'Deploying Gateway Service...' gateway
[[ $tls == no || -n ${TLS_ISSUER-} ]] || apply '' tls
apply '' sweep
apply 'Deploying Converter Service...' converter
[[ $autoscaler != keda ]] || apply '' keda
apply 'Deploying Notification Service...' notification
[[ $mailcatcher == no ]] || apply 'Deploying the mail catcher...' mailcatcher
[[ $metrics == no ]] || apply '' metrics
[[ $monitoring == no ]] || apply 'Deploying Prometheus...' prometheus
[[ -z ${OTEL_EXPORTER_OTLP_ENDPOINT-} ]] || apply '' tracing
replace_broken_broker
replace_waiting_pods
remove_unwanted

printf '\nWaiting for deployments to be ready...\n'
check_rollout statefulset/rabbitmq rabbitmq
[[ $mailcatcher == no ]] || check_rollout deployment/mailcatcher mailcatcher
[[ $monitoring == no ]] || check_rollout deployment/prometheus prometheus
if [[ $mongodb == cluster ]]; then
  check_rollout statefulset/mongodb mongodb
  join_mongodb
fi
for service in "${services[@]}"; do
  check_rollout "deployment/$service" "$service"
done
remove_former_users
warn_of_demo_user
warn_of_no_accounts
printf '\nDeployment complete!\n'
