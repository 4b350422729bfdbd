# Makes one YAML text of the manifests, the versions, the secrets and the addresses; sourced by deploy.sh.
# shellcheck shell=bash disable=SC2154

random_hex() { od -An -N"$1" -tx1 /dev/urandom | tr -d ' \n'; } # bytes

bytes_of() { # hex text
  local hex=$1
  while [[ -n $hex ]]; do
    printf '%b' "\\x${hex:0:2}"
    hex=${hex:2}
  done
}

# RabbitMQ's salted hash of a password: base64(salt + sha256(salt + password)).
rabbitmq_hash() { # password
  local salt digest
  salt=$(random_hex 4)
  digest=$({
    bytes_of "$salt"
    printf %s "$1"
  } | sha256sum | cut -c1-64)
  bytes_of "$salt$digest" | base64 -w0
}

in_cluster() { # secret, key: its value there, empty if there is none
  k get secret "$1" --ignore-not-found -o "jsonpath={.data.${2//./\\.}}" | base64 -d
}

users_json() { # password
  cat <<EOT
{
  "users": [
    { "name": "video2mp3", "password_hash": "$(rabbitmq_hash "$1")",
      "hashing_algorithm": "rabbit_password_hashing_sha256", "tags": [] }
  ],
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
  if [[ $dry_run == yes ]]; then
    printf hidden | tee "$1/key.pem" >"$1/cert.pem"
    return
  fi
  in_cluster mailcatcher-secret cert.pem >"$1/cert.pem"
  in_cluster mailcatcher-secret key.pem >"$1/key.pem"
  if ! openssl x509 -in "$1/cert.pem" -noout -checkend 2592000 >/dev/null 2>&1; then
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 365 \
      -subj /CN=mailcatcher -addext subjectAltName=DNS:mailcatcher \
      -keyout "$1/key.pem" -out "$1/cert.pem" 2>/dev/null ||
      fail 'no certificate can be made for the mail catcher' '' 'openssl version'
  fi
}

# Writes each secret's values as files under $1: kept ones as they are in the cluster, new ones made.
# A dry run writes no secret at all.
write_secrets() { # folder
  local dir=$1
  mkdir -p "$dir"/{auth,notification,rabbitmq}
  if [[ $dry_run == yes ]]; then
    JWT_SECRET=hidden MYSQL_PASSWORD=hidden GMAIL_ADDRESS=hidden GMAIL_PASSWORD=hidden
    printf hidden | tee "$dir/rabbitmq/RABBITMQ_PASSWORD" >"$dir/rabbitmq/users.json"
  else
    in_cluster rabbitmq-secret RABBITMQ_PASSWORD >"$dir/rabbitmq/RABBITMQ_PASSWORD"
    in_cluster rabbitmq-secret users.json >"$dir/rabbitmq/users.json"
    if [[ ! -s $dir/rabbitmq/users.json ]]; then
      random_hex 24 >"$dir/rabbitmq/RABBITMQ_PASSWORD"
      users_json "$(<"$dir/rabbitmq/RABBITMQ_PASSWORD")" >"$dir/rabbitmq/users.json"
    fi
    JWT_SECRET=${JWT_SECRET:-$(in_cluster auth-secret JWT_SECRET)}
    JWT_SECRET=${JWT_SECRET:-$(random_hex 32)}
  fi
  [[ " ${components[*]} " != *' mailcatcher '* ]] || write_certificate "$dir/mailcatcher"
  printf %s "$JWT_SECRET" >"$dir/auth/JWT_SECRET"
  printf %s "$MYSQL_PASSWORD" >"$dir/auth/MYSQL_PASSWORD"
  printf %s "$GMAIL_ADDRESS" >"$dir/notification/GMAIL_ADDRESS"
  printf %s "$GMAIL_PASSWORD" >"$dir/notification/GMAIL_PASSWORD"
}

secrets_yaml() { # folder of the secrets: one Secret for each folder in it, one key for each file
  local app file
  for app in "$1"/*/; do
    app=$(basename "$app")
    printf -- '---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: %s-secret\n' "$app"
    printf '  labels:\n    app: %s\n    %s\ntype: Opaque\ndata:\n' "$app" "${ours/=/: }"
    for file in "$1/$app"/*; do
      printf '  %s: %s\n' "$(basename "$file")" "$(base64 -w0 "$file")"
    done
  done
}

# A change of a ConfigMap or Secret restarts no pod by itself: its hash in the pods' template does.
config_hash() { # service, folder of the secrets
  {
    echo "$MYSQL_HOST $MONGODB_HOST ${MYSQL_TLS-} ${SMTP_HOST-} ${SMTP_PORT-} ${SMTP_TLS-} ${components[*]}"
    cat "manifests/$1/"*-configmap.yaml "$2/rabbitmq/RABBITMQ_PASSWORD"
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
    printf 'sortOptions: {order: fifo}\nresources: [%s]\n' "$base"
    printf 'components: [%s]\n' "$(printf '%s\n' "${components[@]/#/$base/components/}" | paste -sd,)"
    printf 'images:\n'
    for image in "$@"; do
      printf -- '- {name: video2mp3-%s, newName: %s, newTag: "%s"}\n' \
        "$image" "$(image_name "$image")" "${version[$image]}"
    done
    patches "$work/secrets"
  } >"$work/kustomization.yaml"
  secrets_yaml "$work/secrets"
  echo ---
  # shellcheck disable=SC2016 # envsubst's own notation: these two variables and no others
  kubectl kustomize "$work" | MYSQL_HOST=$MYSQL_HOST MONGODB_HOST=$MONGODB_HOST \
    envsubst '${MYSQL_HOST} ${MONGODB_HOST}'
}
