"""How a service speaks HTTP: Flask under gunicorn."""
