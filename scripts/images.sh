# Builds the images and takes them to where the cluster finds them; sourced by deploy.sh.
# shellcheck shell=bash disable=SC2154

# Lays out in folder $2 what image $1 is built from. Only this is sent to the builder, and its
# hash is the image's version: an unchanged image is neither built nor rolled out again.
image_context() { # image, folder
  local part parts=("$1" servicekit)
  case $1 in
    rabbitmq) parts=(broker) ;;
    mailcatcher) parts=(local/mailcatcher servicekit) ;;
  esac
  for part in "${parts[@]}"; do
    mkdir -p "$2/$(dirname "$part")"
    cp -r "$part" "$2/$part"
  done
  cp .dockerignore "$2/"
  find "$2" -depth \( -name __pycache__ -o -name '.?*_cache' \) -exec rm -r {} +
}

image_version() { # folder
  (cd "$1" && find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum) | sha256sum | cut -c1-12
}

image_dockerfile() { # image
  case $1 in
    rabbitmq) echo broker/Dockerfile ;;
    mailcatcher) echo local/mailcatcher/Dockerfile ;;
    *) echo "$1/Dockerfile" ;;
  esac
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

image_build() { # name:version, dockerfile, folder
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

# Builds what is not there yet, and prints progress. Sets version[image].
declare -A version
ensure_images() { # work folder, images...
  local work=$1 image folder name log=$1/build.log
  shift
  [[ $dry_run == yes ]] || check_builder
  for image in "$@"; do
    folder=$work/images/$image
    image_context "$image" "$folder"
    version[$image]=$(image_version "$folder")
    name=$(image_name "$image"):${version[$image]}
    [[ $dry_run == no ]] || continue
    if ! image_there "$name"; then
      echo "Building $name..."
      image_build "$name" "$(image_dockerfile "$image")" "$folder" >"$log" 2>&1 || {
        tail -n 20 "$log" >&2
        fail "the image $name cannot be built or pushed" 'see above; often a registry that is out of reach' "$0"
      }
    fi
    image_load "$name" >"$log" 2>&1 || {
      tail -n 20 "$log" >&2
      fail "kind does not take the image $name" 'see above' "kind load docker-image $name --name ${context#kind-}"
    }
  done
}
