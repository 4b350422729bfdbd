"""How a service speaks to MongoDB and its GridFS."""
