"""What a gateway counts: bytes through its doors, and the jobs as the database has them."""

from prometheus_client import Counter, Gauge

from servicekit.metrics import NAMESPACE

UPLOADS = Gauge("uploads_in_flight", "Uploads on their way now", namespace=NAMESPACE)
UPLOAD_BYTES = Counter("upload_bytes", "Bytes of uploads received", namespace=NAMESPACE)
DOWNLOAD_BYTES = Counter("download_bytes", "Bytes of MP3s given out", namespace=NAMESPACE)
JOBS = Gauge("jobs", "Jobs that have not ended, in all", ["state"], namespace=NAMESPACE)
OLDEST_QUEUED = Gauge(
    "oldest_queued_job_seconds",
    "For how long the job that waits longest is queued; 0 when none waits",
    namespace=NAMESPACE,
)
ANNOUNCED_AGAIN = Counter(
    "jobs_announced_again", "Jobs without a message that got another", namespace=NAMESPACE
)
STORED_FILES = Gauge("stored_files", "Files in GridFS", ["database"], namespace=NAMESPACE)
STORED_BYTES = Gauge("stored_bytes", "Bytes of files in GridFS", ["database"], namespace=NAMESPACE)
LAST_SWEEP = Gauge(
    "last_sweep_timestamp_seconds",
    "When the last sweep came to its end; 0 before the first",
    namespace=NAMESPACE,
)
SWEPT = Gauge("last_sweep_removed", "What the last sweep removed", ["what"], namespace=NAMESPACE)
