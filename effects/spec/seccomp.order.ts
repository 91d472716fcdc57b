/**
 * The order in which a runtime gets the calls that are allowed: by their numbers on 32 bit x86, the
 * highest first. libseccomp keeps what it was given sorted by number and looks for the place from
 * the lowest on, for each architecture: so it has none to look for. The filter that it makes is the
 * same, byte for byte; a runtime has it a millisecond sooner, at each start and each exec.
 */
const words = (...lines: readonly string[]): readonly string[] =>
  lines.flatMap((line) => line.split(' '));

/** At the front those that 32 bit x86 does not have. */
export const HIGHEST_FIRST = words(
  'newfstatat semtimedop epoll_wait_old epoll_ctl_old semop accept uretprobe recv send',
  'removexattrat listxattrat getxattrat setxattrat mseal futex_requeue futex_wait futex_wake',
  'map_shadow_stack fchmodat2 cachestat futex_waitv process_mrelease memfd_secret',
  'landlock_restrict_self landlock_add_rule landlock_create_ruleset epoll_pwait2 faccessat2',
  'openat2 close_range pidfd_open pidfd_send_signal sched_rr_get_interval_time64 futex_time64',
  'rt_sigtimedwait_time64 semtimedop_time64 mq_timedreceive_time64 mq_timedsend_time64',
  'recvmmsg_time64 io_pgetevents_time64 ppoll_time64 pselect6_time64 utimensat_time64',
  'timerfd_settime64 timerfd_gettime64 timer_settime64 timer_gettime64 clock_nanosleep_time64',
  'clock_getres_time64 clock_adjtime64 clock_gettime64 msgctl msgrcv msgsnd msgget shmdt shmat',
  'shmctl shmget semctl semget rseq io_pgetevents statx pkey_free pkey_alloc pkey_mprotect',
  'pwritev2 preadv2 copy_file_range mlock2 membarrier shutdown recvmsg recvfrom sendmsg sendto',
  'getpeername getsockname setsockopt getsockopt accept4 listen connect bind socketpair',
  'execveat memfd_create getrandom seccomp renameat2 sched_getattr sched_setattr sendmmsg',
  'syncfs clock_adjtime name_to_handle_at prlimit64 fanotify_mark recvmmsg rt_tgsigqueueinfo',
  'pwritev preadv inotify_init1 pipe2 dup3 epoll_create1 eventfd2 signalfd4 timerfd_gettime',
  'timerfd_settime fallocate eventfd timerfd_create signalfd utimensat epoll_pwait getcpu',
  'vmsplice tee sync_file_range splice get_robust_list set_robust_list ppoll pselect6 faccessat',
  'fchmodat readlinkat symlinkat linkat renameat unlinkat fstatat64 futimesat fchownat mknodat',
  'mkdirat openat inotify_rm_watch inotify_add_watch inotify_init ioprio_get ioprio_set waitid',
  'mq_getsetattr mq_notify mq_timedreceive mq_timedsend mq_unlink mq_open fadvise64_64 utimes',
  'tgkill fstatfs64 statfs64 clock_nanosleep clock_getres clock_gettime timer_delete',
  'timer_getoverrun timer_gettime timer_settime timer_create set_tid_address remap_file_pages',
  'epoll_wait epoll_ctl epoll_create exit_group fadvise64 io_cancel io_submit io_getevents',
  'io_destroy io_setup get_thread_area set_thread_area sched_getaffinity sched_setaffinity',
  'futex sendfile64 tkill fremovexattr lremovexattr removexattr flistxattr llistxattr listxattr',
  'fgetxattr lgetxattr getxattr fsetxattr lsetxattr setxattr readahead gettid fcntl64',
  'getdents64 madvise mincore setfsgid32 setfsuid32 setgid32 setuid32 chown32 getresgid32',
  'setresgid32 getresuid32 setresuid32 fchown32 setgroups32 getgroups32 setregid32 setreuid32',
  'getegid32 geteuid32 getgid32 getuid32 lchown32 fstat64 lstat64 stat64 ftruncate64 truncate64',
  'mmap2 ugetrlimit vfork sendfile sigaltstack capset capget getcwd chown pwrite64 pread64',
  'rt_sigsuspend rt_sigqueueinfo rt_sigtimedwait rt_sigpending rt_sigprocmask rt_sigaction',
  'rt_sigreturn prctl getresgid setresgid poll getresuid setresuid mremap nanosleep',
  'sched_rr_get_interval sched_get_priority_min sched_get_priority_max sched_yield',
  'sched_getscheduler sched_setscheduler sched_getparam sched_setparam munlockall mlockall',
  'munlock mlock fdatasync getsid writev readv msync flock _newselect getdents _llseek setfsgid',
  'setfsuid fchdir getpgid sigprocmask mprotect adjtimex uname sigreturn fsync ipc sysinfo',
  'wait4 fstat lstat stat getitimer setitimer socketcall fstatfs statfs setpriority getpriority',
  'fchown fchmod ftruncate truncate munmap mmap readlink symlink select setgroups getgroups',
  'gettimeofday getrusage getrlimit setrlimit setregid setreuid setsid getpgrp getppid dup2',
  'umask setpgid fcntl ioctl getegid geteuid getgid setgid brk times pipe dup rmdir mkdir',
  'rename kill sync access utime pause alarm getuid setuid getpid lseek lchown chmod mknod time',
  'chdir execve unlink link creat waitpid close open write read fork exit restart_syscall',
);

const places: ReadonlyMap<string, number> = new Map(
  HIGHEST_FIRST.map((name, place) => [name, place]),
);

/** What is in no place comes last. */
export function highestFirst(names: readonly string[]): readonly string[] {
  const place = (name: string): number => places.get(name) ?? HIGHEST_FIRST.length;
  return names.toSorted((one, other) => place(one) - place(other));
}
