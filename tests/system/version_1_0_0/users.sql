INSERT INTO user (`id`, `email`, `password`) VALUES (2, 'ann@example.com', '$argon2id$v=19$m=19456,t=2,p=1$240KLuyeP/HngEbXslB8Rw$8ykVNsmmDqGiUGs/ECCKwTU0j/ncxI+H+8QoN51rX1M');
INSERT INTO user (`id`, `email`, `password`) VALUES (3, 'bob@example.com', 'SecurePass123');
COMMIT;
