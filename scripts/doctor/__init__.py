"""Walks the path of a job and names the first hop that is broken; changes nothing."""
