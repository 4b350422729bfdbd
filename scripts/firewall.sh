# The firewall and the name that setup-host.sh sets; sourced by it.
# shellcheck shell=bash disable=SC2154

# --- The firewall: only this machine and the cluster's network reach the databases

firewall_rules() { # one line each: the command that adds it
  cat <<RULES
iptables -w -I INPUT -p tcp -m multiport --dports 3306,27017 ! -i lo ! -s $network -m comment --comment video2mp3 -j DROP
ip6tables -w -I INPUT -p tcp -m multiport --dports 3306,27017 ! -i lo -m comment --comment video2mp3 -j DROP
RULES
}

rule() { # a line of firewall_rules: whether it worked
  # shellcheck disable=SC2086 # a command line
  as_root $1 2>/dev/null </dev/null
}

our_rules() { # iptables or ip6tables: those that are there, each as the arguments that delete it
  as_root "$1" -w -S INPUT 2>/dev/null </dev/null | sed -n '/ --comment video2mp3 /s/^-A/-D/p' || true
}

# One of each. What is there twice, or for the network of an earlier minikube, goes afterwards: the
# ports are open at no moment.
add_rules() {
  local added table there
  while read -r added; do
    table=${added%% *} there=$(our_rules "$table")
    if rule "${added/ -I / -C }" && [[ $there != *$'\n'* ]]; then continue; fi
    echo "Closing the ports 3306 and 27017 to all but this machine and $network ($table)"
    rule "$added" || fail 'the firewall takes no rule' 'see the output of the command below' "$added"
    remove "$table" "$there"
  done < <(firewall_rules)
}

remove() { # iptables or ip6tables, lines of our_rules
  local removed
  while read -r removed; do
    [[ -z $removed ]] || ! rule "$1 -w $removed" || echo "Removing a rule of the firewall ($1)"
  done <<<"$2"
}

remove_rules() {
  local table
  for table in iptables ip6tables; do remove "$table" "$(our_rules "$table")"; done
}

close_firewall() {
  as_root sh -c 'command -v iptables' >/dev/null || # not in everyone's PATH
    fail 'iptables is not installed' 'without it the databases would be open to the whole network' \
      'sudo apt-get install iptables'
  add_rules
  if [[ -d /run/systemd/system ]]; then
    keep_firewall
  else
    echo 'There is no systemd: after a restart of this machine run this script again.'
  fi
}

# With systemd's default dependencies it would wait for cloud-init, which itself waits for the
# network: systemd then drops one of them from the boot. A rule that is there is not added again.
firewall_unit() {
  local added
  printf '[Unit]\nDescription=Only the cluster reaches the databases of Video2MP3\n'
  printf 'DefaultDependencies=no\nAfter=local-fs.target\nWants=network-pre.target\nBefore=network-pre.target\n'
  printf '[Service]\nType=oneshot\nRemainAfterExit=yes\n'
  while read -r added; do
    printf "ExecStart=/bin/sh -c '%s 2>/dev/null || %s'\n" "${added/ -I / -C }" "$added"
  done < <(firewall_rules)
  printf '[Install]\nWantedBy=multi-user.target\n'
}

keep_firewall() { # over restarts of the machine
  local name
  name=$(basename "$unit")
  if cmp -s <(firewall_unit) "$unit" && systemctl is-enabled --quiet "$name" &&
    systemctl is-active --quiet "$name"; then return; fi
  firewall_unit | as_root tee "$unit" >/dev/null
  as_root systemctl enable --now --quiet "$name"
}

open_firewall() {
  remove_rules
  [[ -e $unit ]] || return 0
  as_root systemctl disable --now --quiet "$(basename "$unit")"
  as_root rm "$unit"
}

# --- /etc/hosts

name_gateway() {
  grep -qE '^[^#]*[[:space:]]video2mp3\.com([[:space:]]|$)' /etc/hosts && return
  echo 'Adding to /etc/hosts: 127.0.0.1 video2mp3.com'
  echo '127.0.0.1 video2mp3.com' | as_root tee -a /etc/hosts >/dev/null
  as_root touch "$state/hosts"
}

unname_gateway() {
  [[ -e $state/hosts ]] || return 0
  echo 'Removing video2mp3.com from /etc/hosts'
  # Not sed -i: in a container the file cannot be replaced, only written.
  grep -vxF '127.0.0.1 video2mp3.com' /etc/hosts | as_root tee /etc/hosts.new >/dev/null
  as_root cp /etc/hosts.new /etc/hosts
  as_root rm /etc/hosts.new "$state/hosts"
}
