"""The job: its record, its states, its message and its options."""
