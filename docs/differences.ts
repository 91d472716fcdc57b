/**
 * What shiplog makes of a container otherwise than dockerd 20.10, and what of it could not be run:
 * the end of docs/compatibility.md. The first list holds every reason of the rules in
 * test/differential/options/known.ts, which a spec checks.
 */
export const OPTION_DIFFERENCES: readonly string[] = [
  'The policy is called `no` where none is given (since 25).',
  'Limits of kernel memory are not there any more (since 23 and 29).',
  'More is masked: the power of the processors and what interrupts tell (since 25, 28).',
  'The root of a container is a mount of its own, from which nothing comes to it.',
  'The data root is not made a shared mount: volumes are as shared as the host has them.',
  'Limits of a process do not change with what starts the daemon: 1024 files are soft.',
  'Networks in inspect have members of later versions (`DNSNames`, `GwPriority`).',
  'Two of the names in `/etc/hosts` have a shorter address (since 25).',
  'A working directory that is a file is found at the first start, not at create.',
  'Texts about unknown runtimes and restart policies are those since 23 and 25.',
  'Rights that came with kernels after 5.7 are known (since 23).',
  'The text of a runtime that fails has a prefix (since 23).',
  'What is wrong with a profile is said by the reader of JSON that each has.',
];

/** Chosen, or those of later releases, and not seen by the comparison. */
export const CHOSEN_DIFFERENCES: readonly string[] = [
  'Invalid IPC, PID and UTS modes are refused at create (since 23).',
  '`ALL` means the capabilities that the daemon has, not those that the kernel knows (since 23): ' +
    'a privileged container starts also where the daemon itself was confined.',
  'Control groups lie below `/shiplog`, so that two engines on a host never share one.',
  "The daemon's `cgroup-parent` is kept with the container when it is made.",
  'An update of a swap limit to -1 reaches the running container, too.',
  'A policy restart waits up to 5 s for a donor of a namespace that is itself about to run, ' +
    'whenever that is; dockerd only at its own start. One whose donor stays down fails, and is ' +
    'not tried again.',
  'Kills for lack of memory that follow each other quickly are one event `oom`.',
  'The built-in seccomp profile leaves x32 out where the kernel is known to have none, which ' +
    'takes a fifth off what the runtime does for a start: a program that tries such a call ' +
    'is killed, where it would be told that there is none.',
  'AppArmor: `docker-default` is used if somebody has loaded it; shiplog loads no profiles.',
];

export const UNVERIFIED: readonly string[] = [
  'Control groups of version 2 and the systemd driver: by golden specs (effects/spec/golden), ' +
    'and by what a Debian 12 made of specs of ours (test/conformance/recorded). runc ran those; ' +
    'the daemon itself has run no container under them.',
  'AppArmor: by a golden spec alone. SELinux labels are taken and have no effect.',
  'Throttled devices and real-time limits: by specs alone, the host of the tests has none.',
  'The seccomp profile on other architectures than x86_64.',
];
