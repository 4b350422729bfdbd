# The firewall and the name that setup-host.sh sets; sourced by it.
# shellcheck shell=bash disable=SC2154

# --- The firewall: only this machine and the cluster's network reach the databases

firewall_rules() { # -A or -D
  cat <<RULES
iptables -w $1 INPUT -p tcp -m multiport --dports 3306,27017 ! -i lo ! -s $network -m comment --comment video2mp3 -j DROP
ip6tables -w $1 INPUT -p tcp -m multiport --dports 3306,27017 ! -i lo -m comment --comment video2mp3 -j DROP
RULES
}

each_rule() { # -C, -I or -D: whether it worked for all of them
  local rule
  while read -r rule; do
    # shellcheck disable=SC2086 # a command line
    as_root $rule 2>/dev/null </dev/null || return 1
  done < <(firewall_rules "$1")
}

close_firewall() {
  command -v iptables >/dev/null ||
    fail 'iptables is not installed' 'without it the databases would be open to the whole network' \
      'sudo apt-get install iptables'
  each_rule -C && return
  echo "Closing the ports 3306 and 27017 to all but this machine and $network"
  each_rule -I || fail 'the firewall takes no rule' 'see the output of the command below' "$(firewall_rules -I | head -n 1)"
  if [[ -d /run/systemd/system ]]; then
    keep_firewall
  else
    echo 'There is no systemd: after a restart of this machine run this script again.'
  fi
}

keep_firewall() { # over restarts of the machine
  {
    printf '[Unit]\nDescription=Only the cluster reaches the databases of Video2MP3\nBefore=network-pre.target\n'
    printf '[Service]\nType=oneshot\nRemainAfterExit=yes\n'
    firewall_rules -I | sed 's|^|ExecStart=/usr/sbin/|'
    printf '[Install]\nWantedBy=multi-user.target\n'
  } | as_root tee "$unit" >/dev/null
  as_root systemctl enable --quiet "$(basename "$unit")"
}

open_firewall() {
  each_rule -C && echo 'Removing the firewall rules' && each_rule -D
  [[ ! -e $unit ]] || {
    as_root systemctl disable --quiet "$(basename "$unit")"
    as_root rm "$unit"
  }
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
