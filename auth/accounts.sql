-- What auth keeps beside the users. Runs on MySQL 8.0 and on MariaDB, again and again without harm.
CREATE DATABASE IF NOT EXISTS accounts CHARACTER SET utf8mb4;

-- Whose tokens are over: those that expire at `ended`, in seconds since 1970, or earlier. An account is
-- the SHA-256 of its address; `password` that of what was stored at the last login.
CREATE TABLE IF NOT EXISTS accounts.sessions (
    account VARBINARY(32) NOT NULL PRIMARY KEY,
    ended BIGINT NOT NULL,
    password VARBINARY(32) NOT NULL
);

-- What users' programs sign in with; of each only the SHA-256 of its secret. `user` is the id of a row of
-- the users' table. Moments are UTC; a key without `expires` has no end.
CREATE TABLE IF NOT EXISTS accounts.api_keys (
    id CHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    secret VARBINARY(32) NOT NULL,
    user INT NOT NULL,
    name VARCHAR(100) NOT NULL,
    created DATETIME NOT NULL,
    expires DATETIME,
    used DATETIME,
    INDEX (user)
);

-- When a mail with a code last went to an address, an account being the SHA-256 of it.
CREATE TABLE IF NOT EXISTS accounts.code_mails (
    account VARBINARY(32) NOT NULL PRIMARY KEY,
    sent DATETIME NOT NULL,
    INDEX (sent)
);

-- Logins that were not right, or are not yet known to be, until `ends` (UTC). An empty account or
-- source stands for all of them; an account is the SHA-256 of the name that was typed.
CREATE TABLE IF NOT EXISTS accounts.login_attempts (
    account VARBINARY(32) NOT NULL,
    source VARCHAR(43) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    attempts INT UNSIGNED NOT NULL,
    ends DATETIME NOT NULL,
    PRIMARY KEY (account, source),
    INDEX (ends)
);
