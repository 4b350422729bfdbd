#!/usr/bin/env bash
# Lets the pods reach this machine's MySQL and MongoDB, and nobody else.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")"
# shellcheck source=scripts/lib.sh
. scripts/lib.sh
# shellcheck source=scripts/mysql.sh
. scripts/mysql.sh
# shellcheck source=scripts/host.sh
. scripts/host.sh
# shellcheck source=scripts/firewall.sh
. scripts/firewall.sh
# shellcheck source=scripts/demo-user.env
. scripts/demo-user.env

state=/var/lib/video2mp3
unit=/etc/systemd/system/video2mp3-firewall.service

usage() {
  cat <<'TEXT'
Usage: ./setup-host.sh [--embedded] [--mongodb-auth] [--no-demo] [--undo]

Run once before the first deploy. It makes MySQL and MongoDB of this machine listen on all addresses,
closes their ports to all but this machine and minikube's network, creates the databases auth and
accounts, an account for each and the demo's user, and writes video2mp3.com into /etc/hosts. It says what it changes; a
second run changes nothing. Needs root, by sudo where you are not.

  --embedded  this machine has no databases: run a MariaDB and a mongod of the checkout's own
              (local/databases) on its minikube address
  --mongodb-auth  MongoDB lets in only the services, each with a user and the rights of its own;
              their passwords, and that of the administrator video2mp3_admin, go into .env
  --no-demo   leave out the demo's user, whose password is public; one that is there stays
  --demo      make it, which is the default
  --undo      put it all back; the data stays

MYSQL_PASSWORD in .env or the environment [Auth123!] becomes the password of the account auth_user.
That of accounts_user, ACCOUNTS_PASSWORD, is made and kept in .env where it is not set.
TEXT
}

announce() {
  echo "Setting up this machine for the pods of $network:"
  if [[ $embedded == yes ]]; then
    echo "  - a MariaDB and a mongod in .local-databases, on $host_ip and on loopback where it is free"
  else
    echo '  - MySQL and MongoDB listen on 0.0.0.0 (a copy of each changed file is kept for --undo)'
    echo "  - the database auth, its account auth_user@$network_pattern${with_demo_user}"
    echo '  - the database accounts, which auth_user does not see, and its account accounts_user'
  fi
  [[ $mongodb_auth == no ]] || echo '  - MongoDB lets in only the services, with passwords that .env keeps'
  echo "  - a firewall rule that closes 3306 and 27017 to all but this machine and $network"
  echo '  - the line 127.0.0.1 video2mp3.com in /etc/hosts'
}

set_up() {
  announce
  as_root mkdir -p "$state"
  close_firewall
  make_password ACCOUNTS_PASSWORD
  if [[ $embedded == yes ]]; then
    DEMO_USER=$demo MYSQL_PASSWORD=$MYSQL_PASSWORD local/databases up "$host_ip"
  else
    open_mysql
    await 60 mysql_answers || fail 'MySQL does not answer root' \
      'it is stopped, or root needs a password (then put it into /root/.my.cnf)' 'sudo mysql -u root'
    fill_mysql
    open_mongodb
  fi
  [[ $mongodb_auth == no ]] || secure_mongodb
  name_gateway
  check "$host_ip" 3306 MySQL
  check "$host_ip" 27017 MongoDB
  printf '\nThis machine is ready. Next: ./deploy.sh\n'
}

check() { # address, port, name
  await 30 answers "$1" "$2" ||
    fail "$3 does not answer at $1:$2" 'it did not start' "ss -tlnp | grep $2"
  echo "$3 answers at $1:$2"
}

undo() {
  [[ ! -d .local-databases/run ]] || embedded=yes
  forget_mongodb_users
  local/databases down
  if compgen -G '/etc/mysql*' >/dev/null && command -v mysql >/dev/null; then close_mysql; fi
  close_mongodb
  open_firewall
  unname_gateway
  as_root rmdir "$state" 2>/dev/null || true
  echo 'Undone.'
}

embedded=no mongodb_auth=no demo=yes action=set_up
while (($#)); do
  case $1 in
    --embedded) embedded=yes ;;
    --mongodb-auth) mongodb_auth=yes ;;
    --demo) demo=yes ;;
    --no-demo) demo=no ;;
    --undo) action=undo ;;
    -h | --help) usage && exit 0 ;;
    *) misuse "unknown argument $1" ;;
  esac
  shift
done
read_env .env "${known_settings[@]}"
MYSQL_PASSWORD=${MYSQL_PASSWORD:-Auth123!}
[[ -z ${MONGODB_ADMIN_PASSWORD-} ]] || mongodb_auth=yes # as an earlier run has set it up
with_demo_user=", the demo's user"
[[ $demo == yes ]] || with_demo_user=''
find_host
network=${host_ip%.*}.0/24
network_pattern=${host_ip%.*}.%
"$action"
