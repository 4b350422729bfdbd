"""The local stack's program: a module for each of local/up, down, ctl and databases."""
