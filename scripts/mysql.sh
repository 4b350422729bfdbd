# What MySQL must hold, as SQL; sourced by setup-host.sh and compose-secrets.
# shellcheck shell=bash disable=SC2154

sql_text() { # a text, as a literal
  local text=${1//\\/\\\\}
  printf "'%s'" "${text//\'/\'\'}"
}

# The schema and the accounts, which may log in from these hosts; and with $demo the demo's user.
mysql_contents() { # hosts...
  local host for_users for_accounts
  for_users=$(sql_text "$MYSQL_PASSWORD")
  for_accounts=$(sql_text "$ACCOUNTS_PASSWORD")
  cat auth/init.sql auth/accounts.sql
  for host in "$@"; do
    echo "CREATE USER IF NOT EXISTS 'auth_user'@'$host' IDENTIFIED BY $for_users;"
    echo "ALTER USER 'auth_user'@'$host' IDENTIFIED BY $for_users;"
    echo "GRANT ALL PRIVILEGES ON auth.* TO 'auth_user'@'$host';"
    echo "CREATE USER IF NOT EXISTS 'accounts_user'@'$host' IDENTIFIED BY $for_accounts;"
    echo "ALTER USER 'accounts_user'@'$host' IDENTIFIED BY $for_accounts;"
    echo "GRANT SELECT, INSERT, UPDATE, DELETE ON accounts.* TO 'accounts_user'@'$host';"
  done
  [[ $demo == no ]] ||
    echo "INSERT IGNORE INTO auth.user (email, password) VALUES ('$DEMO_EMAIL', '$DEMO_PASSWORD_HASH');"
}
