# Makes one YAML text of the manifests, the versions, the secrets and the addresses; sourced by deploy.sh.
# shellcheck shell=bash disable=SC2154

in_cluster() { # secret, key: its value there, empty if there is none
  k get secret "$1" --ignore-not-found -o "jsonpath={.data.${2//./\\.}}" | base64 -d
}

# Who has a user of their own in RabbitMQ; manifests/rabbitmq/definitions.json gives them their rights.
broker_users=(auth gateway converter notification)

# Three nodes by their own names and not by one for all: a client whose node is silent tries another
# at once, and not that of a proxy which does not know it yet.
broker_hosts() {
  case $ha in
    yes) echo rabbitmq-{0..2}.rabbitmq-nodes:5672 | tr ' ' , ;;
    no) echo rabbitmq:5672 ;;
  esac
}

# Writes how each of them reaches the broker, and the broker's list of them.
write_broker_users() { # folder of the secrets
  local user url password users=''
  for user in "${broker_users[@]}"; do
    url=$(in_cluster "$user-secret" RABBITMQ_URL)
    [[ $url == amqp://"$user":* ]] || url=amqp://$user:$(random_hex 24)@
    password=${url#amqp://"$user":} password=${password%@*}
    printf 'amqp://%s:%s@%s' "$user" "$password" "$(broker_hosts)" >"$1/$user/RABBITMQ_URL"
    users+="${users:+,}{\"name\": \"$user\", \"password\": \"$password\", \"tags\": []}"
  done
  printf '{"users": [%s]}' "$users" >"$1/rabbitmq/users.json"
}

# Writes what RabbitMQ's nodes know one another by; kept, since nodes with different ones do not talk.
write_erlang_cookie() { # folder
  in_cluster rabbitmq-secret erlang-cookie >"$1/erlang-cookie"
  [[ -s $1/erlang-cookie ]] || random_hex 24 >"$1/erlang-cookie"
}

# Writes how each service that uses MongoDB reaches it, where MongoDB asks who one is, or is elsewhere.
write_mongodb_uris() { # folder of the secrets
  local user name
  for user in "${mongodb_users[@]}"; do
    name=MONGODB_${user^^}_PASSWORD
    mkdir -p "$1/$user"
    printf %s "${MONGODB_URI:-mongodb://$user:${!name-}@$MONGODB_HOST:27017}" >"$1/$user/MONGODB_URI"
  done
}

# The mail catcher's certificate, which the notification service trusts; kept for its year.
write_certificate() { # folder
  mkdir -p "$1"
  in_cluster mailcatcher-secret cert.pem >"$1/cert.pem"
  in_cluster mailcatcher-secret key.pem >"$1/key.pem"
  scripts/self-signed "$1" mailcatcher
}

# Writes what tokens or links are signed with. One that is replaced stays good for what it has signed.
write_signing_secret() { # name, whether to replace it, folder of the secrets, services...
  local name=$1 rotate=$2 dir=$3 kept previous secret service
  shift 3
  kept=$(in_cluster "$1-secret" "$name")
  previous=$(in_cluster "$1-secret" "${name}_PREVIOUS")
  secret=${!name:-$kept}
  [[ -n $secret && $rotate == no ]] || secret=$(random_hex 32)
  [[ -z $kept || $secret == "$kept" ]] || previous=$kept
  for service; do
    printf %s "$secret" >"$dir/$service/$name"
    printf %s "$previous" >"$dir/$service/${name}_PREVIOUS"
  done
}

# Writes each secret's values as files under $1: kept ones as they are in the cluster, new ones made.
write_secrets() { # folder
  local dir=$1
  mkdir -p "$dir"/{auth,gateway,converter,notification,rabbitmq}
  write_signing_secret JWT_SECRET "$rotate_jwt" "$dir" auth
  write_signing_secret LINK_SECRET "$rotate_links" "$dir" gateway notification
  printf %s "$MYSQL_PASSWORD" >"$dir/auth/MYSQL_PASSWORD"
  printf %s "${ACCOUNTS_PASSWORD-}" >"$dir/auth/ACCOUNTS_PASSWORD"
  printf %s "$GMAIL_ADDRESS" >"$dir/notification/GMAIL_ADDRESS"
  printf %s "$GMAIL_PASSWORD" >"$dir/notification/GMAIL_PASSWORD"
  write_broker_users "$dir"
  [[ $autoscaler != keda ]] || write_keda_user "$dir"
  [[ $ha == no ]] || write_erlang_cookie "$dir/rabbitmq"
  [[ " ${components[*]} " != *' mongodb-auth '* ]] || write_mongodb_uris "$dir"
  [[ $mailcatcher == no ]] || write_certificate "$dir/mailcatcher"
  write_tls "$dir"
}

hide_secrets() { # their folder
  local file
  for file in "$1"/*/*; do printf hidden >"$file"; done
}

secret_generators() { # folder of the secrets: one Secret for each folder in it, one key for each file
  local app type
  printf 'generatorOptions: {disableNameSuffixHash: true, labels: {%s}}\n' "${ours/=/: }"
  printf 'secretGenerator:\n'
  for app in "$1"/*/; do
    app=$(basename "$app") type=Opaque
    [[ $app != tls ]] || type=kubernetes.io/tls
    printf -- '- {name: %s-secret, type: %s, options: {labels: {app: %s}}, files: [%s]}\n' \
      "$app" "$type" "$app" "$(cd "$1" && printf '%s\n' "$app"/* | paste -sd,)"
  done
}

# A change of a ConfigMap or Secret restarts no pod by itself: its hash in the pods' template does.
config_hash() { # service, folder of the secrets
  {
    echo "$MYSQL_HOST ${MONGODB_HOST-} ${MYSQL_TLS-} ${SMTP_HOST-} ${SMTP_PORT-} ${SMTP_TLS-} ${PUBLIC_URL-} ${REGISTRATION-} ${USER_QUOTA_BYTES-} ${OTEL_EXPORTER_OTLP_ENDPOINT-} ${components[*]}"
    cat "manifests/$1/"*-configmap.yaml
    [[ ! -d $2/$1 ]] || cat "$2/$1"/*
    [[ $1 != notification || ! -d $2/mailcatcher ]] || cat "$2/mailcatcher/cert.pem"
  } | sha256sum | cut -c1-12
}

patches() { # folder of the secrets
  local service name
  printf 'patches:\n'
  for service in "${services[@]}"; do
    annotate Deployment "$service" "$(config_hash "$service" "$1")"
  done
  annotate StatefulSet rabbitmq "$(sha256sum "$1/rabbitmq/users.json" | cut -c1-12)"
  set_in_configmap auth MYSQL_TLS
  set_in_configmap auth REGISTRATION
  set_in_configmap gateway PUBLIC_URL
  set_in_configmap gateway USER_QUOTA_BYTES
  set_in_configmap notification PUBLIC_URL
  allow_mysql_hosts
  set_mongodb_image
  for name in SMTP_HOST SMTP_PORT SMTP_TLS; do
    set_in_configmap notification "$name"
  done
  ask_cert_manager
  trace_to_collector
}

annotate() { # kind, name, hash
  printf -- '- patch: |\n    {"apiVersion": "apps/v1", "kind": "%s", "metadata": {"name": "%s"}, "spec": %s}\n' "$1" "$2" \
    "{\"template\": {\"metadata\": {\"annotations\": {\"video2mp3.com/config\": \"$3\"}}}}"
}

set_in_configmap() { # service, setting: where .env or the environment has it
  [[ -z ${!2-} ]] || printf -- "- target: {kind: ConfigMap, name: %s-configmap}\n  patch: '%s'\n" "$1" \
    "[{\"op\": \"add\", \"path\": \"/data/$2\", \"value\": \"${!2}\"}]"
}

allow_mysql_hosts() { # MYSQL_HOST may name several
  local host blocks=''
  [[ $MYSQL_HOST == *,* ]] || return 0
  for host in ${MYSQL_HOST//,/ }; do
    blocks+="${blocks:+, }{\"ipBlock\": {\"cidr\": \"$host/32\"}}"
  done
  printf -- "- target: {kind: NetworkPolicy, name: auth}\n  patch: '%s'\n" \
    "[{\"op\": \"test\", \"path\": \"/spec/egress/1/ports/0/port\", \"value\": 3306},
      {\"op\": \"replace\", \"path\": \"/spec/egress/1/to\", \"value\": [$blocks]}]"
}

set_mongodb_image() {
  [[ -z ${MONGODB_IMAGE-} || " ${components[*]} " != *' mongodb-replica-set '* ]] ||
    printf -- "- target: {kind: StatefulSet, name: mongodb}\n  patch: '%s'\n" \
      "[{\"op\": \"replace\", \"path\": \"/spec/template/spec/containers/0/image\", \"value\": \"$MONGODB_IMAGE\"}]"
}

# Prints everything that is to be applied.
render() { # work folder, images...
  local work=$1 image manifests base
  shift
  manifests=$(realpath --relative-to="$work" manifests)
  base=$manifests
  [[ $ha == no ]] || base+=/overlays/ha
  write_secrets "$work/secrets"
  {
    printf 'sortOptions: {order: fifo}\nresources: [secrets, %s]\n' "$base"
    printf 'components: [%s]\n' "$(printf '%s\n' "${components[@]/#/$manifests/components/}" | paste -sd,)"
    printf 'images:\n'
    for image in "$@"; do
      printf -- '- {name: video2mp3-%s, newName: %s, newTag: "%s"}\n' \
        "$image" "$(image_name "$image")" "${version[$image]}"
    done
    patches "$work/secrets"
  } >"$work/kustomization.yaml"
  secret_generators "$work/secrets" >"$work/secrets/kustomization.yaml"
  [[ $dry_run == no ]] || hide_secrets "$work/secrets"
  # shellcheck disable=SC2016 # envsubst's own notation: these two variables and no others
  kubectl kustomize "$work" | MYSQL_HOST=$MYSQL_HOST MONGODB_HOST=${MONGODB_HOST-} \
    envsubst '${MYSQL_HOST} ${MONGODB_HOST}'
}
