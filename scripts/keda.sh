# KEDA, which chooses the number of converters by the length of their queue; sourced by deploy.sh and
# undeploy.sh.
# shellcheck shell=bash disable=SC2154

keda_is_there() { k get --raw /apis/keda.sh/v1alpha1 >/dev/null 2>&1; }

# KEDA takes no Deployment that another autoscaler has.
prepare_keda() {
  [[ $autoscaler == keda ]] || return 0
  keda_is_there ||
    fail 'KEDA is not in this cluster' '--keda uses one that is there' \
      'install it (https://keda.sh/docs/latest/deploy/), or ./deploy.sh --hpa'
  k delete hpa -l "$ours,video2mp3.com/option=hpa" | grep -v '^No resources found' || true
}

# Writes where KEDA asks RabbitMQ, and the user that it is there: it sees the queues and can use none.
write_keda_user() { # folder of the secrets
  local url password namespace
  url=$(in_cluster keda-secret host)
  [[ $url == http://keda:* ]] || url=http://keda:$(random_hex 24)@
  password=${url#http://keda:} password=${password%@*}
  namespace=$(k config view --minify -o 'jsonpath={..namespace}')
  mkdir -p "$1/keda"
  printf 'http://keda:%s@rabbitmq.%s.svc:15672/' "$password" "${namespace:-default}" >"$1/keda/host"
  printf '{"users": [%s], "permissions": [%s]}' \
    "{\"name\": \"keda\", \"password\": \"$password\", \"tags\": [\"management\"]}" \
    '{"user": "keda", "vhost": "/", "configure": "^$", "write": "^$", "read": "^$"}' >"$1/rabbitmq/keda.json"
}

# The ScaledObject first: as long as it is there, KEDA makes its autoscaler again.
remove_keda() {
  ! keda_is_there ||
    k delete scaledobjects.keda.sh,triggerauthentications.keda.sh -l "$ours" --timeout=60s |
    grep -v '^No resources found' || true
  k delete secret keda-secret --ignore-not-found
}
