# Waits for what deploy.sh has applied, and tells why it does not come; sourced by it.
# shellcheck shell=bash disable=SC2154

# Waits five minutes, or until it is known why waiting is of no use.
check_rollout() { # kind/name, app
  await 300 rolled_out "$1" "$2" && return
  explain "$2"
  doctor >&2 || true
  fail "$1 does not become ready" 'see above' './doctor.sh, once it is mended'
}

rolled_out() { # kind/name, app
  ! crashes "$2" || return 2
  k rollout status "$1" --timeout=20s 2>"$work/rollout.log" && return
  doctor --lasting >/dev/null || return 2
  return 1
}

doctor() { # options: names the first broken hop; where there is no Python, nobody is asked
  ! command -v python3 >/dev/null || ./doctor.sh --context "$context" --inside "$@"
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

# A StatefulSet waits for ever for a pod that never gets ready, even when its successor is at hand.
replace_broken_broker() {
  local wanted pods
  wanted=$(k get statefulset rabbitmq -o 'jsonpath={.status.updateRevision}')
  mapfile -t pods < <(k get pods -l "app=rabbitmq,controller-revision-hash!=$wanted" -o \
    'jsonpath={range .items[?(@.status.containerStatuses[0].ready==false)]}{.metadata.name}{"\n"}{end}')
  ((${#pods[@]} == 0)) || k delete pod "${pods[@]}" --wait=false
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
