# Builds the images and takes them to where the cluster finds them; sourced by deploy.sh.
# shellcheck shell=bash disable=SC2154

image_dockerfile() { # image
  case $1 in
    rabbitmq) echo broker/Dockerfile ;;
    mailcatcher) echo local/mailcatcher/Dockerfile ;;
    prometheus) echo monitoring/Dockerfile ;;
    *) echo "$1/Dockerfile" ;;
  esac
}

# Lays out in folder $2 what a Dockerfile copies. Only this is sent to the builder, and its hash is
# the image's version: an unchanged image is neither built nor rolled out again. The release and the
# base images stand in the Dockerfile itself, since minikube's builders take no build argument in the
# same form.
image_context() { # Dockerfile, folder
  local sources release base
  release=$(sed -n 's/^__version__ = "\(.*\)"$/\1/p' servicekit/__init__.py)
  sources=$(sed -n 's/^COPY \([^-].*\) [^ ]*$/\1/p' "$1")
  mkdir -p "$2"
  # shellcheck disable=SC2086 # several files and folders, and patterns
  tar -c --exclude=__pycache__ --exclude='.?*_cache' --exclude=requirements.in .dockerignore "$1" $sources |
    tar -x -C "$2"
  sed -i "s/^ARG VERSION=.*/ARG VERSION=$release/" "$2/$1"
  for base in PYTHON_IMAGE RABBITMQ_IMAGE; do
    [[ -z ${!base-} ]] || sed -i "s|^ARG $base=.*|ARG $base=${!base}|" "$2/$1"
  done
}

image_version() { # folder
  (cd "$1" && find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum) | sha256sum | cut -c1-12
}

image_name() { echo "${IMAGE_REGISTRY:+$IMAGE_REGISTRY/}video2mp3-$1"; } # image

there=''        # what minikube has, asked once
image_there() { # name:version
  if [[ -n ${IMAGE_REGISTRY-} ]]; then
    docker manifest inspect "$1" >/dev/null 2>&1
  elif [[ $context == minikube ]]; then
    # Not one of the same name from a registry: the pods would not find it.
    grep -qE "^(docker\.io/library/|localhost/)?$1\$" <<<"${there:=$(minikube image ls)}"
  else
    docker image inspect "$1" >/dev/null 2>&1
  fi
}

image_build() { # name:version, Dockerfile, folder
  if [[ -z ${IMAGE_REGISTRY-} && $context == minikube ]]; then
    (cd "$3" && minikube image build -t "$1" -f "$2" .)
  else
    docker build -t "$1" -f "$3/$2" "$3" || return
    [[ -z ${IMAGE_REGISTRY-} ]] || docker push "$1"
  fi
}

# kind's nodes do not see docker's images; what they have already is not sent again.
image_load() { # name:version
  [[ -n ${IMAGE_REGISTRY-} || $context != kind-* ]] || kind load docker-image "$1" --name "${context#kind-}"
}

check_builder() {
  if [[ -n ${IMAGE_REGISTRY-} ]]; then
    need docker
  elif [[ $context == kind-* ]]; then
    need docker kind
  elif [[ $context == minikube ]]; then
    need minikube
  else
    fail "images cannot be taken to $context" 'only minikube and kind take them from this machine' \
      'set IMAGE_REGISTRY in .env'
  fi
}

check_base_images() {
  local base
  for base in PYTHON_IMAGE RABBITMQ_IMAGE; do
    [[ ${!base-} =~ ^[A-Za-z0-9._/:@-]*$ ]] ||
      fail "$base is not the name of an image" '' "set $base in .env as .env.example shows"
  done
}

# Builds what is not there yet, and prints progress. Sets version[image].
declare -A version
ensure_images() { # work folder, images...
  local work=$1 image dockerfile folder name
  shift
  [[ $dry_run == yes ]] || check_builder
  check_base_images
  for image in "$@"; do
    folder=$work/images/$image
    dockerfile=$(image_dockerfile "$image")
    image_context "$dockerfile" "$folder"
    version[$image]=$(image_version "$folder")
    name=$(image_name "$image"):${version[$image]}
    [[ $dry_run == no ]] || continue
    if ! image_there "$name"; then
      echo "Building $name..."
      logged image_build "$name" "$dockerfile" "$folder" ||
        fail "the image $name cannot be built or pushed" 'see above; often a registry that is out of reach' "$0"
    fi
    logged image_load "$name" ||
      fail "kind does not take the image $name" 'see above' "kind load docker-image $name --name ${context#kind-}"
  done
}

logged() { # command...: shows the end of its output where it fails
  "$@" >"$work/log" 2>&1 || {
    tail -n 20 "$work/log" >&2
    return 1
  }
}
