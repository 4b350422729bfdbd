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

# The account may log in from the cluster's network and from this machine.
fill_mysql() {
  local host password=${MYSQL_PASSWORD//\\/\\\\}
  password=${password//\'/\'\'}
  echo "Making sure of the database auth, the account auth_user@$network_pattern and the demo's user"
  {
    cat auth/init.sql
    for host in "$network_pattern" localhost; do
      echo "CREATE USER IF NOT EXISTS 'auth_user'@'$host' IDENTIFIED BY '$password';"
      echo "ALTER USER 'auth_user'@'$host' IDENTIFIED BY '$password';"
      echo "GRANT ALL PRIVILEGES ON auth.* TO 'auth_user'@'$host';"
    done
    echo "INSERT IGNORE INTO auth.user (email, password) VALUES ('$DEMO_EMAIL', '$DEMO_PASSWORD_HASH');"
  } | mysql_root
}

close_mysql() {
  local file
  file=$(mysql_file)
  [[ -n $file ]] && put_back "$file" && restart_server mysql mariadb mysqld
  if mysql_root -e "DROP USER IF EXISTS 'auth_user'@'$network_pattern', 'auth_user'@'localhost'" 2>/dev/null; then
    echo 'Removed the accounts auth_user; the database auth stays'
  fi
}

# --- MongoDB

open_mongodb() {
  [[ -f /etc/mongod.conf ]] || fail 'there is no /etc/mongod.conf' 'MongoDB is not installed here' "$0 --embedded"
  grep -qE '^[[:space:]]*bindIp:[[:space:]]*0\.0\.0\.0' /etc/mongod.conf && return
  echo 'Changing /etc/mongod.conf: bindIp: 0.0.0.0, and restarting MongoDB'
  back_up /etc/mongod.conf
  as_root sed -i -E 's/^([[:space:]]*)bindIp:.*/\1bindIp: 0.0.0.0/' /etc/mongod.conf
  restart_server mongod
}

close_mongodb() { ! put_back /etc/mongod.conf || restart_server mongod; }
