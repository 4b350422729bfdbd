# What setup-host.sh changes on this machine, and how it puts it back; sourced by it.
# shellcheck shell=bash disable=SC2154

# Keeps the first version of a file, for --undo.
back_up() { # file
  [[ -e $state/${1//\//_} ]] || as_root cp -p "$1" "$state/${1//\//_}"
}

put_back() { # file: whether there was anything to put back
  [[ -e $state/${1//\//_} ]] || return 1
  echo "Putting back $1"
  as_root cp -p "$state/${1//\//_}" "$1"
  as_root rm "$state/${1//\//_}"
}

restart_server() { # services' names, the first that is known
  local name
  for name in "$@"; do
    if [[ -d /run/systemd/system ]]; then
      systemctl cat "$name" >/dev/null 2>&1 || continue
      as_root systemctl restart "$name" && return
    else
      [[ -x /etc/init.d/$name ]] || continue
      as_root service "$name" restart >/dev/null && return
    fi
    fail "$name does not restart" 'its configuration, or its port is taken' "journalctl -u $name, or its log in /var/log"
  done
  fail "there is no service called ${*// /, }" 'the server was not installed from a package' \
    "restart it by hand, then $0"
}

# A password that .env does not have yet is made and kept there, for deploy.sh and for the next run.
make_password() { # its setting
  if [[ -z ${!1-} ]]; then
    echo "Adding to .env: $1"
    printf -v "$1" %s "$(random_hex 24)"
    [[ ! -s .env || -z $(tail -c 1 .env) ]] || echo >>.env # its last line may have no end
    (umask 077 && printf '%s=%s\n' "$1" "${!1}" >>.env)
    [[ -z ${SUDO_UID-} ]] || chown "$SUDO_UID:${SUDO_GID-}" .env
  fi
  export "${1?}"
}

# --- MySQL or MariaDB

mysql_file() { # the file that says where the server listens
  local file
  for file in /etc/mysql/mysql.conf.d/mysqld.cnf /etc/mysql/mariadb.conf.d/50-server.cnf \
    /etc/mysql/my.cnf /etc/my.cnf; do
    if grep -qsE '^[[:space:]]*bind[-_]address' "$file"; then
      echo "$file"
      return
    fi
  done
}

mysql_opened() { grep -qE '^[[:space:]]*bind[-_]address[[:space:]]*=[[:space:]]*0\.0\.0\.0' "$1"; }

open_mysql() {
  local file
  file=$(mysql_file)
  [[ -n $file ]] || fail 'no configuration of MySQL with a bind-address' 'MySQL is not installed here' "$0 --embedded"
  mysql_opened "$file" && return
  echo "Changing $file: bind-address = 0.0.0.0, and restarting MySQL"
  back_up "$file"
  as_root sed -i -E 's/^([[:space:]]*)bind[-_]address[[:space:]]*=.*/\1bind-address = 0.0.0.0/' "$file"
  restart_server mysql mariadb mysqld
}

mysql_root() { as_root mysql --user=root "$@"; }

mysql_answers() { mysql_root -e 'SELECT 1' >/dev/null 2>&1; }

fill_mysql() {
  echo "Making sure of the databases auth and accounts, auth_user@$network_pattern, accounts_user${with_demo_user}"
  mysql_contents "$network_pattern" localhost | mysql_root # the cluster's network, and this machine
}

close_mysql() {
  local file
  file=$(mysql_file)
  [[ -n $file ]] && put_back "$file" && restart_server mysql mariadb mysqld
  if mysql_root -e "DROP USER IF EXISTS 'auth_user'@'$network_pattern', 'auth_user'@'localhost',
      'accounts_user'@'$network_pattern', 'accounts_user'@'localhost'" 2>/dev/null; then
    echo 'Removed auth_user and accounts_user; the databases auth and accounts stay'
  fi
}

# --- MongoDB

mongod_conf=/etc/mongod.conf

open_mongodb() {
  [[ -f $mongod_conf ]] || fail "there is no $mongod_conf" 'MongoDB is not installed here' "$0 --embedded"
  grep -qE '^[[:space:]]*bindIp:[[:space:]]*0\.0\.0\.0' "$mongod_conf" && return
  echo "Changing $mongod_conf: bindIp: 0.0.0.0, and restarting MongoDB"
  back_up "$mongod_conf"
  as_root sed -i -E 's/^([[:space:]]*)bindIp:.*/\1bindIp: 0.0.0.0/' "$mongod_conf"
  restart_server mongod
}

# Gives MongoDB its users, then makes it ask who one is. deploy.sh finds their passwords in .env.
secure_mongodb() {
  make_mongodb_passwords
  change_mongodb_users make || fail 'MongoDB takes no users' 'it is stopped, or has users that .env does not know' \
    'see above; scripts/mongodb_users.py --help'
  if [[ $embedded == yes ]]; then
    DEMO_USER=$demo MONGODB_AUTH=yes local/databases up "$host_ip"
  elif ! grep -qE '^[[:space:]]+authorization:[[:space:]]*"?enabled' "$mongod_conf"; then
    echo "Changing $mongod_conf: authorization: enabled, and restarting MongoDB"
    back_up "$mongod_conf"
    grep -q '^security:' "$mongod_conf" || echo 'security:' | as_root tee -a "$mongod_conf" >/dev/null
    as_root sed -i -E '/^[[:space:]]+authorization:/d; s/^security:.*/security:\n  authorization: enabled/' "$mongod_conf"
    restart_server mongod
  fi
}

make_mongodb_passwords() {
  local user
  for user in ADMIN "${mongodb_users[@]^^}"; do
    make_password "MONGODB_${user}_PASSWORD"
  done
}

change_mongodb_users() { # make or remove; the passwords are in the environment
  local python=python3
  [[ $embedded == no ]] || python=.local-databases/venv/bin/python
  if ! "$python" -c 'import pymongo' 2>/dev/null; then
    echo 'Python has no pymongo: sudo apt-get install python3-pymongo' >&2
    return 1
  fi
  await 30 answers "$host_ip" 27017
  "$python" scripts/mongodb_users.py "$1" "$host_ip:27017"
}

# Before MongoDB stops asking, while the administrator's password is still known.
forget_mongodb_users() {
  [[ -n ${MONGODB_ADMIN_PASSWORD-} ]] || return 0
  echo "Removing MongoDB's users, and their passwords from .env"
  make_mongodb_passwords # exports those that are known
  change_mongodb_users remove || echo "MongoDB's users stay" >&2
  sed -i -E '/^[[:space:]]*(export[[:space:]]+)?MONGODB_[A-Z]+_PASSWORD=/d' .env
}

close_mongodb() { ! put_back "$mongod_conf" || restart_server mongod; }
