"""What of a stranger's file ffmpeg may open at all, and how much of it."""

# Playlists (HLS, DASH, concat) open other files and hosts whatever their name says, so a file is
# opened only as one of these containers, by the names that `ffmpeg -demuxers` gives them: what
# cameras, phones, recorders and browsers write today. A demuxer that nobody needs is only a danger.
CONTAINERS = (
    "aac,ac3,aiff,amr,ape,asf,au,avi,caf,eac3,flac,flv,matroska,mov,mp3,mpeg,mpegts,mxf,ogg,wav,"
    "webm,wv"
)
# A picture of 16,000 x 16,000 took 1 GB before it was refused; a frame of 8K has 33 million pixels.
MAX_PIXELS = 1 << 26
MAX_STREAMS = 100  # a recording of a conference has dozens at most; ffmpeg's own limit is 1000
LIMITS = (
    *("-format_whitelist", CONTAINERS),
    *("-max_pixels", str(MAX_PIXELS)),
    *("-max_streams", str(MAX_STREAMS)),
)
# While it finds out what the streams are, ffmpeg opens every decoder that the file names, -vn or
# not (libavformat, avformat_find_stream_info): bugs in those of pictures are a stranger's way in.
# These decode what the containers hold of sound; a name that an ffmpeg does not have does no harm.
AUDIO_DECODERS = (
    "aac,aac_latm,ac3,eac3,alac,als,amrnb,amrwb,ape,dca,flac,mlp,truehd,opus,libopus,speex,libspeex,"
    "vorbis,libvorbis,wavpack,mp1,mp1float,mp2,mp2float,mp3,mp3float,mp3adufloat,mp3on4float,"
    "nellymoser,qcelp,qdm2,qdmc,mace3,mace6,ilbc,evrc,gsm,gsm_ms,libgsm,libgsm_ms,g722,g723_1,g726,"
    "g726le,g729,s302m,truespeech,tta,wmav1,wmav2,wmapro,wmavoice,wmalossless,atrac3,atrac3al,"
    "atrac3plus,dolby_e,adpcm_adx,adpcm_ima_qt,adpcm_ima_wav,adpcm_ms,adpcm_swf,adpcm_yamaha,"
    "adpcm_ct,pcm_alaw,pcm_mulaw,pcm_bluray,pcm_dvd,pcm_s8,pcm_u8,pcm_s16le,pcm_s16be,pcm_u16le,"
    "pcm_u16be,pcm_s24le,pcm_s24be,pcm_u24le,pcm_u24be,pcm_s24daud,pcm_s32le,pcm_s32be,pcm_s64le,"
    "pcm_s64be,pcm_f32le,pcm_f32be,pcm_f64le,pcm_f64be,pcm_s16le_planar,pcm_s16be_planar,"
    "pcm_s24le_planar,pcm_s32le_planar"
)
SOUND_ONLY = ("-codec_whitelist", AUDIO_DECODERS)
# A cover is a frame of what cameras, phones, recorders and browsers write, and of nothing else.
PICTURE_DECODERS = (
    "h264,hevc,vp8,vp9,libdav1d,av1,libaom-av1,mpeg4,msmpeg4,msmpeg4v1,msmpeg4v2,mpeg1video,"
    "mpeg2video,h263,h263p,h263i,flv,vp6,vp6a,vp6f,wmv1,wmv2,wmv3,vc1,theora,vp3,mjpeg,prores,"
    "dnxhd,dvvideo,rawvideo,png"
)
PICTURES_ONLY = ("-codec_whitelist", PICTURE_DECODERS)
