# The certificate of the Ingress: one's own, or one that cert-manager gets; sourced by deploy.sh.
# shellcheck shell=bash disable=SC2154

choose_tls() {
  [[ $tls == yes ]] || return 0
  components+=(tls)
  if [[ -n ${TLS_ISSUER-} ]]; then
    [[ $TLS_ISSUER =~ ^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$ ]] ||
      fail 'TLS_ISSUER is not the name of a ClusterIssuer' '' 'kubectl get clusterissuers; edit .env'
  else
    check_certificate
  fi
}

# What ingress-nginx would take without a word, and answer with a certificate of its own instead.
check_certificate() {
  need openssl
  local name of_certificate of_key
  for name in TLS_CERT_FILE TLS_KEY_FILE; do
    [[ -r ${!name-} ]] || fail "--tls needs a certificate, and $name names no file that can be read" '' \
      'set TLS_CERT_FILE and TLS_KEY_FILE in .env, or TLS_ISSUER for cert-manager'
  done
  openssl x509 -in "$TLS_CERT_FILE" -noout -checkend 0 >/dev/null 2>&1 ||
    fail "$TLS_CERT_FILE is no certificate, or has ended" '' "openssl x509 -in $TLS_CERT_FILE -noout -enddate"
  of_certificate=$(openssl x509 -in "$TLS_CERT_FILE" -noout -pubkey 2>/dev/null)
  of_key=$(openssl pkey -in "$TLS_KEY_FILE" -passin pass: -pubout 2>/dev/null)
  [[ $of_certificate == "$of_key" ]] ||
    fail "$TLS_KEY_FILE is not the key of $TLS_CERT_FILE" '' 'set TLS_KEY_FILE in .env'
  openssl verify -verify_hostname video2mp3.com -untrusted "$TLS_CERT_FILE" "$TLS_CERT_FILE" >/dev/null 2>&1 ||
    warn "no authority that this machine knows vouches for $TLS_CERT_FILE as video2mp3.com's: browsers and curl \
will refuse it" 'set TLS_CERT_FILE in .env to a public one, or TLS_ISSUER'
}

write_tls() { # folder of the secrets
  [[ $tls == yes && -z ${TLS_ISSUER-} ]] || return 0
  mkdir -p "$1/tls"
  cp "$TLS_CERT_FILE" "$1/tls/tls.crt"
  cp "$TLS_KEY_FILE" "$1/tls/tls.key"
}

ask_cert_manager() { # as a patch: which issuer signs
  [[ $tls == no || -z ${TLS_ISSUER-} ]] ||
    printf -- "- target: {kind: Ingress, name: gateway}\n  patch: '%s'\n" \
      "[{\"op\": \"add\", \"path\": \"/metadata/annotations/cert-manager.io~1cluster-issuer\", \"value\": \"$TLS_ISSUER\"}]"
}
