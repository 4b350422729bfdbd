#!/usr/bin/env bash
# Takes a video through the whole system and checks the MP3 that comes back.
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: ./run-demo.sh [--local | --cluster] [VIDEO]

Deploys Video2MP3, logs in, uploads VIDEO (without one, a sample is made), waits for the mail and
downloads the MP3 into mp3_download.mp3 of the current folder.

  --local     on this machine without Kubernetes; installs what is missing
  --cluster   on the minikube cluster
Without either: the minikube cluster when there is one, else this machine.

Settings, from the environment: DEMO_TIMEOUT, seconds to wait for the mail [600]; with --local those
of local/up. Exit 0: the MP3 is good. 1: a step failed. 2: misuse.
TEXT
}

ROOT=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)
# shellcheck source=scripts/lib.sh
. "$ROOT/scripts/lib.sh"
# shellcheck source=scripts/demo-user.env
. "$ROOT/scripts/demo-user.env"
MP3=mp3_download.mp3
step='Start'

step_failed() { # what failed, its likely cause, the next command
  fail "$step: $1" "$2" "$3"
}

# The doctor looks at all that the job has to pass before the step is said to have failed.
service_failed() { # as step_failed
  doctor >&2 || true
  step_failed "$@"
}

begin() {
  step="Step $1"
  printf '\n=== Step %s: %s ===\n\n' "$1" "$2"
}

call() { curl --noproxy '*' --silent --show-error "$@"; }

# As a file: everybody on this machine can see the arguments of a process.
authorized() { call --config <(printf 'header = "Authorization: Bearer %s"\n' "$TOKEN") "$@"; }

choose() {
  platform='' video=''
  while (($#)); do
    case $1 in
      -h | --help) usage && exit 0 ;;
      --local | --cluster)
        [[ -z $platform || $platform == "${1#--}" ]] || misuse '--local and --cluster exclude each other'
        platform=${1#--}
        ;;
      -*) usage >&2 && exit 2 ;;
      *)
        [[ -z $video ]] || misuse 'one video at a time'
        video=$1
        ;;
    esac
    shift
  done
  [[ -z $video || (-f $video && -r $video && -s $video) ]] ||
    misuse "cannot read a video from $video: no such file, not readable, or empty"
  if [[ -z $platform ]]; then
    platform=local
    if command -v minikube >/dev/null && minikube status >/dev/null 2>&1; then platform=cluster; fi
  fi
}

make_sample() {
  video=sample.mp4
  # A flight into the Mandelbrot set, to a C major chord of plucked strings, two notes a second.
  local note='if(eq(mod(floor(2*t),4),0),0,if(eq(mod(floor(2*t),4),1),4,if(eq(mod(floor(2*t),4),2),7,12)))'
  local pluck="0.5*exp(-4*mod(t,0.5))*(sin(2*PI*261.63*2^(($note)/12)*t)+0.4*sin(4*PI*261.63*2^(($note)/12)*t))"
  ffmpeg -nostdin -loglevel error -y -f lavfi -i 'mandelbrot=size=640x360:rate=25:end_pts=250' \
    -f lavfi -i "aevalsrc='$pluck':sample_rate=44100" -t 10 -pix_fmt yuv420p \
    -metadata title='Into the Mandelbrot set' -metadata artist=Video2MP3 "$video" ||
    step_failed 'no sample video' 'the folder is not writable, or the disk is full' 'df -h . ; ls -ld .'
  echo "A sample video with sound: $PWD/$video"
}

login() {
  local code
  rm -f token.txt
  code=$(umask 077 && call -X POST -u "$DEMO_EMAIL:$DEMO_PASSWORD" --max-time 30 -o token.txt \
    -w '%{http_code}' "$GATEWAY_URL/login") || true
  [[ $code == 200 ]] || service_failed "POST /login answered ${code:-nothing}" \
    'the password of the tutorial'\''s user was changed, or auth cannot reach MySQL' "$(look_at auth)"
  TOKEN=$(<token.txt)
  echo 'Token saved to token.txt'
}

upload() {
  local answer name=${video//\\/\\\\} # curl's own quoting
  started=$(date +%s%N)
  answer=$(authorized -X POST -F "file=@\"${name//\"/\\\"}\"" -D - \
    "$GATEWAY_URL/upload") || true
  job=$(sed -n 's/^x-job-id: *\([0-9a-f]*\).*/\1/ip' <<<"$answer")
  [[ ${answer##*$'\n'} == 'success!' && -n $job ]] || service_failed "POST /upload answered ${answer##*$'\n'}" \
    'the disk is full, or the gateway cannot reach MongoDB or RabbitMQ' "$(look_at gateway)"
  echo 'success!'
}

closing() {
  cat <<TEXT

==========================================
Demo Complete!
==========================================

What happens next:
  1. Converter workers are processing the video → MP3
  2. When complete, notification service will send email to: $DEMO_EMAIL
  3. Email subject: 'MP3 Download'
  4. Email body: 'mp3 file_id: <ObjectId> is now ready!'

Monitor progress:
  kubectl logs -l app=converter -f    # Watch conversion
  kubectl logs -l app=notification -f # Watch email sending

Check your email inbox for the notification!
TEXT
}

# The job's own mail, though others may arrive meanwhile: the job names the MP3 that the mail is about.
find_mail() {
  local mails
  mails=$(mails_since "$started")
  if reason=$(grep -F "video file_id: $job could not be converted" <<<"$mails"); then
    step_failed "the mail says: ${reason%$'\r'}" 'the video has no sound, or is damaged' \
      "ffprobe '$video'; then ./run-demo.sh with another video"
  fi
  while read -r fid; do
    [[ $(authorized --max-time 10 "$GATEWAY_URL/jobs/$job") != *"$fid"* ]] || return 0
  done < <(sed -n 's/^mp3 file_id: \([0-9a-f]\{24\}\) is now ready!.*/\1/p' <<<"$mails")
  return 1
}

wait_for_mail() {
  local deadline=$((SECONDS + ${DEMO_TIMEOUT:-600})) begun=$SECONDS shown=0
  until find_mail; do
    ((SECONDS < deadline)) || service_failed "no mail after $((SECONDS - begun)) s" \
      'the conversion takes longer, or a worker is not ready' "$(look_at converter); $(look_at notification)"
    if ((SECONDS - begun >= shown + 5)); then
      shown=$((SECONDS - begun))
      echo "Waiting for the mail: $shown s"
    fi
    sleep 0.5
  done
  echo "The mail is there: mp3 file_id: $fid is now ready!"
}

download() {
  local code
  code=$(authorized --output "$MP3" -X GET -w '%{http_code}' \
    "$GATEWAY_URL/download?fid=$fid") || true
  [[ $code == 200 ]] || service_failed "GET /download answered ${code:-nothing}" \
    'the gateway cannot reach MongoDB' "$(look_at gateway)"
}

# The audio track's own length, counted: it is seldom the picture's, and headers guess or say nothing.
duration() {
  ffmpeg -nostdin -loglevel error -i "file:$1" -map 0:a:0 -ac 1 -ar 8000 -f s16le - |
    wc -c | awk '{ printf "%.3f\n", $1 / 16000 }'
}

check_mp3() {
  local codec want got
  codec=$(ffprobe -v error -show_entries stream=codec_name -select_streams a -of csv=p=0 "$MP3") || true
  if ! want=$(duration "$video") || ! got=$(duration "$MP3"); then
    step_failed 'ffmpeg cannot read the files' 'the download is not an MP3' "file $MP3"
  fi
  file "$MP3"
  echo "Duration: sound of the video $want s, MP3 $got s"
  if [[ $codec != mp3 ]] || ! awk "BEGIN { d = $want - $got; exit !(d * d <= 0.01) }"; then
    step_failed 'the MP3 is not the whole sound of the video' \
      'the conversion is at fault' "ffprobe '$video'; ffprobe $MP3"
  fi
}

choose "$@"
# Each platform defines: clean_slate, deploy, forward (sets GATEWAY_URL), look_at SERVICE (a command
# that shows its logs), doctor, hint (how to watch here) and mails_since NANOSECONDS (their text).
half=$ROOT/scripts/demo-local.sh
[[ $platform == local ]] || half=$ROOT/scripts/demo-cluster.sh
# shellcheck source=scripts/demo-local.sh
. "$half"

begin 1 'Clean Slate - Undeploy Existing Services'
clean_slate
rm -f token.txt "$MP3"
begin 2 'Deploy All Services'
deploy
begin 3 'Start Port Forwarding'
forward
begin 4 'Login and Get JWT Token'
login
begin 5 'Upload Video File'
[[ -n $video ]] || make_sample
upload
closing
hint
begin 6 'Download MP3 File (After Receiving Email)'
wait_for_mail
download
check_mp3
printf '\nYour MP3: %s\n' "$PWD/$MP3"
