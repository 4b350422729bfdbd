"""A module for each part of the table: `measure` yields its rows."""
