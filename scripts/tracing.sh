# Where the services send their spans, if anywhere; sourced by deploy.sh.
# shellcheck shell=bash disable=SC2154

choose_tracing() {
  local endpoint=${OTEL_EXPORTER_OTLP_ENDPOINT-}
  [[ -n $endpoint ]] || return 0
  [[ $endpoint =~ ^(https?)://([A-Za-z0-9.-]+)(:([0-9]{1,5}))?(/[A-Za-z0-9._~/-]*)?$ ]] ||
    fail 'OTEL_EXPORTER_OTLP_ENDPOINT is no URL like http://collector.observability.svc:4318' '' 'edit .env'
  components+=(tracing)
  collector=${BASH_REMATCH[2]} collector_port=${BASH_REMATCH[4]}
  [[ -n $collector_port ]] || case ${BASH_REMATCH[1]} in
    http) collector_port=80 ;;
    https) collector_port=443 ;;
  esac
}

# The pods of a namespace, or one address; any, where a name of the world's may change its address.
collectors() { # as the peers of a NetworkPolicy
  case $collector in
    *.svc | *.svc.*)
      local namespace=${collector#*.}
      printf '[{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "%s"}}}]' "${namespace%%.*}"
      ;;
    *[!0-9.]*.*) printf '[]' ;;
    *.*) printf '[{"ipBlock": {"cidr": "%s/32"}}]' "$collector" ;;
    *) printf '[{"podSelector": {}}]' ;;
  esac
}

trace_to_collector() { # as patches: the services are told, and may reach it
  [[ -n ${OTEL_EXPORTER_OTLP_ENDPOINT-} ]] || return 0
  local service
  for service in "${services[@]}"; do
    set_in_configmap "$service" OTEL_EXPORTER_OTLP_ENDPOINT
  done
  printf -- "- target: {kind: NetworkPolicy, name: tracing}\n  patch: '%s'\n" \
    "[{\"op\": \"replace\", \"path\": \"/spec/egress/0/ports/0/port\", \"value\": $collector_port},
      {\"op\": \"add\", \"path\": \"/spec/egress/0/to\", \"value\": $(collectors)}]"
}
