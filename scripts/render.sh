# Makes one YAML text of the manifests, the versions, the secrets and the addresses; sourced by deploy.sh.
# shellcheck shell=bash disable=SC2154

random_hex() { od -An -N"$1" -tx1 /dev/urandom | tr -d ' \n'; } # bytes

in_cluster() { # secret, key: its value there, empty if there is none
  k get secret "$1" --ignore-not-found -o "jsonpath={.data.${2//./\\.}}" | base64 -d
}

users_json() { # password
  cat <<EOT
{
  "users": [{ "name": "video2mp3", "password": "$1", "tags": [] }],
  "permissions": [
    { "user": "video2mp3", "vhost": "/", "configure": "^(video|mp3)\$",
      "write": "^amq\\\\.default\$", "read": "^(video|mp3)\$" }
  ]
}
EOT
}

# The mail catcher's certificate, which the notification service trusts; kept for its year.
write_certificate() { # folder
  mkdir -p "$1"
  in_cluster mailcatcher-secret cert.pem >"$1/cert.pem"
  in_cluster mailcatcher-secret key.pem >"$1/key.pem"
  scripts/self-signed "$1" mailcatcher
}

# Writes each secret's values as files under $1: kept ones as they are in the cluster, new ones made.
write_secrets() { # folder
  local dir=$1 broker_password
  mkdir -p "$dir"/{auth,notification,rabbitmq}
  JWT_SECRET=${JWT_SECRET:-$(in_cluster auth-secret JWT_SECRET)}
  broker_password=$(in_cluster rabbitmq-secret RABBITMQ_PASSWORD)
  broker_password=${broker_password:-$(random_hex 24)}
  printf %s "${JWT_SECRET:-$(random_hex 32)}" >"$dir/auth/JWT_SECRET"
  printf %s "$MYSQL_PASSWORD" >"$dir/auth/MYSQL_PASSWORD"
  printf %s "$GMAIL_ADDRESS" >"$dir/notification/GMAIL_ADDRESS"
  printf %s "$GMAIL_PASSWORD" >"$dir/notification/GMAIL_PASSWORD"
  printf %s "$broker_password" >"$dir/rabbitmq/RABBITMQ_PASSWORD"
  printf %s "amqp://video2mp3:$broker_password@rabbitmq:5672" >"$dir/rabbitmq/RABBITMQ_URL"
  users_json "$broker_password" >"$dir/rabbitmq/users.json"
  [[ $mailcatcher == no ]] || write_certificate "$dir/mailcatcher"
}

hide_secrets() { # their folder
  local file
  for file in "$1"/*/*; do printf hidden >"$file"; done
}

secret_generators() { # folder of the secrets: one Secret for each folder in it, one key for each file
  local app
  printf 'generatorOptions: {disableNameSuffixHash: true, labels: {%s}}\n' "${ours/=/: }"
  printf 'secretGenerator:\n'
  for app in "$1"/*/; do
    app=$(basename "$app")
    printf -- '- {name: %s-secret, options: {labels: {app: %s}}, files: [%s]}\n' \
      "$app" "$app" "$(cd "$1" && printf '%s\n' "$app"/* | paste -sd,)"
  done
}

# A change of a ConfigMap or Secret restarts no pod by itself: its hash in the pods' template does.
config_hash() { # service, folder of the secrets
  {
    echo "$MYSQL_HOST $MONGODB_HOST ${MYSQL_TLS-} ${SMTP_HOST-} ${SMTP_PORT-} ${SMTP_TLS-} ${components[*]}"
    cat "manifests/$1/"*-configmap.yaml "$2/rabbitmq/RABBITMQ_URL"
    [[ ! -d $2/$1 ]] || cat "$2/$1"/*
    [[ $1 != notification || ! -d $2/mailcatcher ]] || cat "$2/mailcatcher/cert.pem"
  } | sha256sum | cut -c1-12
}

patches() { # folder of the secrets
  local service name
  printf 'patches:\n'
  for service in "${services[@]}"; do
    printf -- "- target: {kind: Deployment, name: %s}\n  patch: '%s'\n" "$service" \
      "[{\"op\": \"add\", \"path\": \"/spec/template/metadata/annotations\",
        \"value\": {\"video2mp3.com/config\": \"$(config_hash "$service" "$1")\"}}]"
  done
  set_in_configmap auth MYSQL_TLS
  for name in SMTP_HOST SMTP_PORT SMTP_TLS; do
    set_in_configmap notification "$name"
  done
}

set_in_configmap() { # service, setting: where .env or the environment has it
  [[ -z ${!2-} ]] || printf -- "- target: {kind: ConfigMap, name: %s-configmap}\n  patch: '%s'\n" "$1" \
    "[{\"op\": \"replace\", \"path\": \"/data/$2\", \"value\": \"${!2}\"}]"
}

# Prints everything that is to be applied.
render() { # work folder, images...
  local work=$1 image base
  shift
  base=$(realpath --relative-to="$work" manifests)
  write_secrets "$work/secrets"
  {
    printf 'sortOptions: {order: fifo}\nresources: [secrets, %s]\n' "$base"
    printf 'components: [%s]\n' "$(printf '%s\n' "${components[@]/#/$base/components/}" | paste -sd,)"
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
  kubectl kustomize "$work" | MYSQL_HOST=$MYSQL_HOST MONGODB_HOST=$MONGODB_HOST \
    envsubst '${MYSQL_HOST} ${MONGODB_HOST}'
}
