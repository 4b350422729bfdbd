"""The numbers of Linux's system calls, which differ between machines."""

import platform

# name, x86_64, aarch64 ("-": not there): arch/x86/entry/syscalls/syscall_64.tbl and
# include/uapi/asm-generic/unistd.h. From 424 on all machines have the same.
_TABLE = """
add_key 248 217             bind 49 200                 bpf 321 280
capset 126 91               chmod 90 -                  chown 92 -
chroot 161 51               clone 56 220                close_range 436 436
execveat 322 281            fanotify_init 300 262       fchmod 91 52
fchmodat 268 53             fchown 93 55                fchownat 260 54
fork 57 -                   fremovexattr 199 16         fsetxattr 190 7
futimesat 261 -             io_setup 206 0              ioprio_set 251 30
kcmp 312 272                keyctl 250 219              kill 62 129
landlock_restrict_self 446 446                          lchown 94 -
listen 50 201               lremovexattr 198 15         lsetxattr 189 6
memfd_create 319 279        migrate_pages 256 238       mount 165 40
move_pages 279 239          mq_open 240 180             msgget 68 186
name_to_handle_at 303 264   open_by_handle_at 304 265   perf_event_open 298 241
personality 135 92          pivot_root 155 41           prctl 157 167
prlimit64 302 261           process_vm_readv 310 270    process_vm_writev 311 271
ptrace 101 117              quotactl 179 60             removexattr 197 14
request_key 249 218         rt_sigqueueinfo 129 138     rt_tgsigqueueinfo 297 240
sched_setaffinity 203 122   sched_setattr 314 274       sched_setparam 142 118
sched_setscheduler 144 119  seccomp 317 277             semget 64 190
sendmmsg 307 269            sendmsg 46 211              sendto 44 206
setns 308 268               setpriority 141 140         setrlimit 160 164
setxattr 188 5              shmget 29 194               socket 41 198
socketpair 53 199           tgkill 234 131              tkill 200 130
umount2 166 39              unshare 272 97              userfaultfd 323 282
utime 132 -                 utimensat 280 88            utimes 235 -
vfork 58 -                  vmsplice 278 75
"""


def _numbers(machine: str) -> dict[str, int]:
    if machine not in ("x86_64", "aarch64"):
        return {}
    words = _TABLE.split()
    column = words[1::3] if machine == "x86_64" else words[2::3]
    return {
        name: int(number) for name, number in zip(words[::3], column, strict=True) if number != "-"
    }


NUMBERS = _numbers(platform.machine())
