"""How a service speaks to RabbitMQ: publishing and consuming."""
