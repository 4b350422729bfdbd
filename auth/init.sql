-- The users. Runs on MySQL 8.0 and on MariaDB, again and again without harm.
-- A password is stored as an argon2id hash; a plaintext one is replaced at its owner's first login.
CREATE DATABASE IF NOT EXISTS auth CHARACTER SET utf8mb4;

CREATE TABLE IF NOT EXISTS auth.user (
    id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    email VARCHAR(255) NOT NULL UNIQUE,
    password VARCHAR(255) NOT NULL
);
