/**
 * The built-in seccomp profile: which system calls a container that says nothing may make. Facts
 * are Docker's: what is listed is allowed, all else gives EPERM; more is allowed with the rights
 * that the kernel asks for anyway. Not allowed without one: namespaces, mounts, modules, the clock,
 * io_uring, the kernel's log, sockets of virtual machines.
 */
import { highestFirst } from './seccomp.order.ts';
import type { Profile, Rule } from './seccomp.ts';

const words = (...lines: readonly string[]): readonly string[] =>
  lines.flatMap((line) => line.split(' '));

const FILES = words(
  '_llseek access cachestat chdir chmod chown chown32 close close_range copy_file_range creat',
  'dup dup2 dup3 faccessat faccessat2 fadvise64 fadvise64_64 fallocate fchdir fchmod fchmodat',
  'fchmodat2 fchown fchown32 fchownat fcntl fcntl64 fdatasync fgetxattr flistxattr flock',
  'fremovexattr fsetxattr fstat fstat64 fstatat64 fstatfs fstatfs64 fsync ftruncate ftruncate64',
  'futimesat getcwd getdents getdents64 getpgrp getrandom getxattr getxattrat ioctl lchown',
  'lchown32 lgetxattr link linkat listxattr listxattrat llistxattr lremovexattr lseek lsetxattr',
  'lstat lstat64 mkdir mkdirat mknod mknodat name_to_handle_at newfstatat open openat openat2',
  'pipe pipe2 pread64 preadv preadv2 pwrite64 pwritev pwritev2 read readahead readlink',
  'readlinkat readv removexattr removexattrat rename renameat renameat2 rmdir sendfile',
  'sendfile64 setxattr setxattrat stat stat64 statfs statfs64 statx symlink symlinkat sync',
  'sync_file_range syncfs truncate truncate64 umask unlink unlinkat utime utimensat',
  'utimensat_time64 utimes write writev',
);

const WAITING = words(
  '_newselect epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait epoll_pwait2',
  'epoll_wait epoll_wait_old eventfd eventfd2 fanotify_mark inotify_add_watch inotify_init',
  'inotify_init1 inotify_rm_watch io_cancel io_destroy io_getevents io_pgetevents',
  'io_pgetevents_time64 io_setup io_submit poll ppoll ppoll_time64 pselect6 pselect6_time64',
  'select splice tee vmsplice',
);

const MEMORY = words(
  'brk madvise map_shadow_stack membarrier memfd_create memfd_secret mincore mlock mlock2',
  'mlockall mmap mmap2 mprotect mremap mseal msync munlock munlockall munmap pkey_alloc',
  'pkey_free pkey_mprotect process_mrelease remap_file_pages',
);

const PROCESSES = words(
  'execve execveat exit exit_group fork futex futex_requeue futex_time64 futex_wait futex_waitv',
  'futex_wake get_robust_list get_thread_area gettid pidfd_open restart_syscall set_robust_list',
  'set_thread_area set_tid_address uretprobe vfork wait4 waitid waitpid',
);

const SIGNALS = words(
  'kill pause pidfd_send_signal rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo',
  'rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_sigtimedwait_time64 rt_tgsigqueueinfo',
  'sigaltstack signalfd signalfd4 sigprocmask sigreturn tgkill tkill',
);

const IDENTITY = words(
  'capget capset getegid getegid32 geteuid geteuid32 getgid getgid32 getgroups getgroups32',
  'getpgid getpid getppid getresgid getresgid32 getresuid getresuid32 getsid getuid getuid32',
  'setfsgid setfsgid32 setfsuid setfsuid32 setgid setgid32 setgroups setgroups32 setpgid',
  'setregid setregid32 setresgid setresgid32 setresuid setresuid32 setreuid setreuid32 setsid',
  'setuid setuid32',
);

const SCHEDULING = words(
  'getcpu getpriority getrlimit getrusage ioprio_get ioprio_set landlock_add_rule',
  'landlock_create_ruleset landlock_restrict_self prctl prlimit64 rseq sched_get_priority_max',
  'sched_get_priority_min sched_getaffinity sched_getattr sched_getparam sched_getscheduler',
  'sched_rr_get_interval sched_rr_get_interval_time64 sched_setaffinity sched_setattr',
  'sched_setparam sched_setscheduler sched_yield seccomp setpriority setrlimit sysinfo',
  'ugetrlimit uname',
);

const TIME = words(
  'adjtimex alarm clock_adjtime clock_adjtime64 clock_getres clock_getres_time64 clock_gettime',
  'clock_gettime64 clock_nanosleep clock_nanosleep_time64 getitimer gettimeofday nanosleep',
  'setitimer time timer_create timer_delete timer_getoverrun timer_gettime timer_gettime64',
  'timer_settime timer_settime64 timerfd_create timerfd_gettime timerfd_gettime64',
  'timerfd_settime timerfd_settime64 times',
);

const IPC = words(
  'ipc mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedreceive_time64 mq_timedsend',
  'mq_timedsend_time64 mq_unlink msgctl msgget msgrcv msgsnd semctl semget semop semtimedop',
  'semtimedop_time64 shmat shmctl shmdt shmget',
);

const SOCKETS = words(
  'accept accept4 bind connect getpeername getsockname getsockopt listen recv recvfrom recvmmsg',
  'recvmmsg_time64 recvmsg send sendmmsg sendmsg sendto setsockopt shutdown socketcall',
  'socketpair',
);

/** The kinds of namespaces that clone and unshare make, as flags. */
const NEW_NAMESPACES = 0x7e020000;
/** Sockets to the host of a virtual machine, from which none is meant to be reached. */
const AF_VSOCK = 40;
const NO_SUCH_CALL = 38;

/** Linux, Linux with 32 bit addresses, either without randomised addresses, and "tell me". */
const PERSONALITIES = [0, 8, 0x20000, 0x20008, 0xffffffff];

const allow = (names: readonly string[], condition: Partial<Rule> = {}): Rule => ({
  names,
  action: 'SCMP_ACT_ALLOW',
  ...condition,
});
const withCapability = (name: string, ...calls: readonly string[]): Rule =>
  allow(words(...calls), { includes: { caps: [name] } });
const on = (arches: readonly string[], ...calls: readonly string[]): Rule =>
  allow(words(...calls), { includes: { arches } });

const ALWAYS: readonly Rule[] = [
  allow(
    highestFirst([
      ...FILES,
      ...WAITING,
      ...MEMORY,
      ...PROCESSES,
      ...SIGNALS,
      ...IDENTITY,
      ...SCHEDULING,
      ...TIME,
      ...IPC,
      ...SOCKETS,
    ]),
  ),
  // Before 4.8 a traced process could leave its filter.
  allow(['process_vm_readv', 'process_vm_writev', 'ptrace'], { includes: { minKernel: '4.8' } }),
  allow(['socket'], { args: [{ index: 0, value: AF_VSOCK, op: 'SCMP_CMP_NE' }] }),
  ...PERSONALITIES.map((value) =>
    allow(['personality'], { args: [{ index: 0, value, op: 'SCMP_CMP_EQ' }] }),
  ),
];

const BY_ARCHITECTURE: readonly Rule[] = [
  on(['ppc64le'], 'sync_file_range2 swapcontext'),
  on(
    ['arm', 'arm64'],
    'arm_fadvise64_64 arm_sync_file_range sync_file_range2 breakpoint cacheflush set_tls',
  ),
  on(['amd64', 'x32'], 'arch_prctl'),
  on(['amd64', 'x32', 'x86'], 'modify_ldt'),
  on(['s390', 's390x'], 's390_pci_mmio_read s390_pci_mmio_write s390_runtime_instr'),
  on(['riscv64'], 'riscv_flush_icache riscv_hwprobe'),
];

const BY_CAPABILITY: readonly Rule[] = [
  withCapability('CAP_DAC_READ_SEARCH', 'open_by_handle_at'),
  withCapability(
    'CAP_SYS_ADMIN',
    'bpf clone clone3 fanotify_init fsconfig fsmount fsopen fspick listmount lookup_dcookie',
    'lsm_get_self_attr lsm_list_modules lsm_set_self_attr mount mount_setattr move_mount',
    'open_tree perf_event_open quotactl quotactl_fd setdomainname sethostname setns statmount',
    'syslog umount umount2 unshare',
  ),
  withCapability('CAP_SYS_BOOT', 'reboot'),
  withCapability('CAP_SYS_CHROOT', 'chroot'),
  withCapability('CAP_SYS_MODULE', 'delete_module init_module finit_module'),
  withCapability('CAP_SYS_PACCT', 'acct'),
  withCapability(
    'CAP_SYS_PTRACE',
    'kcmp pidfd_getfd process_madvise process_vm_readv process_vm_writev ptrace',
  ),
  withCapability('CAP_SYS_RAWIO', 'iopl ioperm'),
  withCapability('CAP_SYS_TIME', 'settimeofday stime clock_settime clock_settime64'),
  withCapability('CAP_SYS_TTY_CONFIG', 'vhangup'),
  withCapability('CAP_SYS_NICE', 'get_mempolicy mbind set_mempolicy set_mempolicy_home_node'),
  withCapability('CAP_SYSLOG', 'syslog'),
  withCapability('CAP_BPF', 'bpf'),
  withCapability('CAP_PERFMON', 'perf_event_open'),
];

/** New processes yes, new namespaces no; on s390 the flags are the second argument. */
const withoutNamespaces = (index: number, condition: Partial<Rule>): Rule =>
  allow(['clone'], {
    args: [{ index, value: NEW_NAMESPACES, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' }],
    ...condition,
  });
const S390 = ['s390', 's390x'];

const CLONE: readonly Rule[] = [
  withoutNamespaces(0, { excludes: { caps: ['CAP_SYS_ADMIN'], arches: S390 } }),
  withoutNamespaces(1, { includes: { arches: S390 }, excludes: { caps: ['CAP_SYS_ADMIN'] } }),
  // Its flags lie in memory, where a filter can not look: libraries then take clone.
  {
    names: ['clone3'],
    action: 'SCMP_ACT_ERRNO',
    errnoRet: NO_SUCH_CALL,
    excludes: { caps: ['CAP_SYS_ADMIN'] },
  },
];

const profileOf = (below64: readonly string[]): Profile => ({
  defaultAction: 'SCMP_ACT_ERRNO',
  defaultErrnoRet: 1,
  archMap: [
    { architecture: 'SCMP_ARCH_X86_64', subArchitectures: below64 },
    { architecture: 'SCMP_ARCH_AARCH64', subArchitectures: ['SCMP_ARCH_ARM'] },
    { architecture: 'SCMP_ARCH_S390X', subArchitectures: ['SCMP_ARCH_S390'] },
    { architecture: 'SCMP_ARCH_RISCV64', subArchitectures: [] },
  ],
  syscalls: [...ALWAYS, ...BY_ARCHITECTURE, ...BY_CAPABILITY, ...CLONE],
});

export const BUILTIN = profileOf(['SCMP_ARCH_X86', 'SCMP_ARCH_X32']);
/** For kernels that have no x32: the filter is as tight, and made in less time. */
export const BUILTIN_WITHOUT_X32 = profileOf(['SCMP_ARCH_X86']);
