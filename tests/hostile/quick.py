"""The short form: some of each kind, in well under a second each, for the tests of every change."""

# Names of cases; * stands for anything.
QUICK = (
    # another file, another host
    *(
        "hls-to-http",
        "hls-to-concat",
        "hls-to-subfile",
        "hls-to-data",
        "ffconcat-to-http",
        "*-to-file",
        "sdp",
        "hls-behind-*",
        "mov-data-at-*",
    ),
    *("mov-reference-movie", "mkv-linked-segment", "mkv-attachment-named-by-a-path"),
    # hours in little, and lengths that lie
    *(
        "flac-100h-says-1s",
        "flac-1s-says-99-days",
        "mp3-1s-xing-says-4-billion",
        "adts-each-frame-*",
    ),
    *("ogg-chain-of-10000-opus", "mov-same-bytes-for-an-hour", "mkv-packets-packed-1000-to-1"),
    # numbers that cannot be
    *("wav-data-size-ffffffff", "wav-rate-0", "wav-channels-65535", "wav-list-says-4gb"),
    *("aiff-rate-infinite", "caf-rate-nan", "au-header-of-2gb", "rf64-ds64-lies"),
    *("mov-timescale-0", "mov-edit-negative", "mov-box-says-0", "mov-stts-4-billion-entries"),
    *("mov-co64-beyond-the-end", "mov-sample-of-2gb", "mov-v2-rate-nan", "mov-channels-65535"),
    *("mkv-duration-nan", "mkv-duration-1e18-ms", "mkv-scale-0", "mkv-cluster-time-negative"),
    *(
        "mkv-channels-4-billion",
        "ogg-granule-negative",
        "opus-255-channels",
        "asf-object-of-size-0",
    ),
    *("avi-scale-0", "avi-index-lies", "flv-keyframes-4-billion", "mxf-item-says-2-to-the-63"),
    # bombs
    *(
        "mov-index-packed-to-a-bomb",
        "mkv-packet-packed-to-a-bomb",
        "mp3-id3-frame-packed-to-a-bomb",
    ),
    *("mp3-png-of-16000-squared", "mp3-png-says-2-to-the-31", "mkv-size-of-track-2-to-the-31"),
    # too many, too deep, cycles
    *("mkv-2000-tracks", "mov-2000-tracks", "ogg-2000-streams-at-once", "ts-8000-pids"),
    *("mkv-100000-tags", "mp3-100000-tags", "mp3-100000-chapters", "mp4-100000-empty-fragments"),
    *("mov-nested-20000-deep", "mkv-tag-in-tag-5000-deep", "flv-script-nested-10000-deep"),
    *("mkv-seek-head-points-to-itself", "mov-chapter-track-is-itself", "mxf-partitions-in-a-cycle"),
    *("mkv-segment-without-end", "mkv-lacing-of-empty-frames", "avi-index-of-indexes-is-a-cycle"),
    # words
    *("mkv-title-ffmetadata", "mkv-title-terminal", "mkv-title-shell", "mkv-title-of-64-kb"),
    *("mp3-id3-not-utf-8", "mp3-id3-says-256-mb"),
    # what nobody asked for
    *("*-video-magicyuv", "*-video-h264", "mp3-picture-that-is-a-playlist"),
    # no media, and broken media
    *(
        "empty",
        "random-0",
        "random-after-ftyp",
        "not-media-html",
        "not-media-zip",
        "not-media-script",
    ),
    *(
        "not-media-pdf",
        "not-media-one-byte",
        "film-that-is-a-zip-too",
        "mp4-cut-off-at-5",
        "mp4-cut-off-at-55",
        "mp4-cut-off-at-95",
    ),
    *("mkv-cut-off-at-55", "mp3-cut-off-at-55", "ogg-cut-off-at-55", "*-bits-flipped-some"),
)
