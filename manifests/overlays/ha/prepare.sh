#!/usr/bin/env bash
# Runs before a node: gives it the cookie, and says whom it joins.
set -euo pipefail
home=/var/lib/rabbitmq

answers() { timeout 2 bash -c "exec 3<>/dev/tcp/$1/5672" 2>/dev/null; } # host

# rabbitmq-0 forms the cluster. Where it has lost its disk there is one already, of nodes whose ports are
# open, which they are not before a cluster is formed: it joins that one, and does not form a second.
first_node() {
  local number end=$((SECONDS + 30))
  if [[ $POD_NAME == *-0 && ! -e $home/mnesia ]]; then
    while ((SECONDS < end)); do
      for number in 1 2; do
        if answers "${POD_NAME%-*}-$number.rabbitmq-nodes"; then
          echo "$number"
          return
        fi
      done
      sleep 1
    done
  fi
  echo 0
}

# Erlang takes a cookie only from a file that nobody but its owner can read, which no Secret's is.
install --mode=400 /etc/rabbitmq-cookie/erlang-cookie "$home/.erlang.cookie"
printf 'cluster_formation.k8s.ordinal_start = %s\n' "$(first_node)" >/seed/seed.conf
cat /seed/seed.conf
