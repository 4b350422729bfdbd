#!/usr/bin/env bash
# Deletes what deploy.sh made, and nothing else.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")"
# shellcheck source=scripts/lib.sh
. scripts/lib.sh
# shellcheck source=scripts/keda.sh
. scripts/keda.sh

usage() {
  cat <<'TEXT'
Usage: ./undeploy.sh [--context NAME] [--keep-data]

Stops the port forwards and deletes everything of Video2MP3 from the cluster.

  --context NAME  another kubectl context than minikube
  --keep-data     keep the volumes: the jobs in RabbitMQ, and with --ha the files in MongoDB
TEXT
}

wanted_context='' keep_data=no
while (($#)); do
  case $1 in
    --context) wanted_context=${2:?--context needs a name} && shift ;;
    --keep-data) keep_data=yes ;;
    -h | --help) usage && exit 0 ;;
    *) misuse "unknown argument $1" ;;
  esac
  shift
done

output=$(mktemp)
trap 'rm -f "$output"' EXIT

delete() { # kinds, further labels: silent where there is none
  k delete "$1" -l "$ours${2:+,$2}" --timeout=200s >"$output" ||
    fail "$1 cannot be deleted" 'see above' "kubectl get $1 -l $ours"
  grep -v '^No resources found' "$output" || true
}

use_context "$wanted_context"
echo 'Stopping all port forwards...'
./start-services.sh --stop

echo 'Deleting deployments...'
! keda_is_there || delete scaledobjects.keda.sh,triggerauthentications.keda.sh
delete horizontalpodautoscalers
for service in "${services[@]}"; do
  delete deployments "app=$service"
done
delete deployments,cronjobs,jobs
echo 'Deleting services...'
delete services
echo 'Deleting configmaps and secrets...'
delete configmaps
delete secrets
echo 'Deleting RabbitMQ...'
delete statefulsets
echo 'Waiting for the pods to end...'
k wait --for=delete pods -l "$ours" --timeout=200s >/dev/null ||
  fail 'some pods do not end' 'a conversion may run for two more minutes' "kubectl get pods -l $ours"
[[ $keep_data == yes ]] || delete persistentvolumeclaims
echo 'Deleting ingress, policies and accounts...'
delete ingresses
delete networkpolicies,poddisruptionbudgets,serviceaccounts
echo 'Undeployed.'
