"""Webhooks on their last mile: out of the cluster, and nowhere else."""
