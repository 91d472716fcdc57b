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

/** Every reason of the rules in test/differential/networks/. */
export const NETWORK_DIFFERENCES: readonly string[] = [
  'Networks in inspect have members of later versions (`DNSNames`, `GwPriority`).',
  'The network mode `default` is called `bridge` (since 26).',
  'A container that has ended has no sandbox (since 28).',
  'A container of which no link is plugged in has no path of a sandbox.',
  'A container is in the network that has the name when it starts.',
  'A network without a way out has no gateway and no default route (since 28).',
  'Below 1.45 the short id is among the aliases, also of a container that never ran.',
  'A container that joins the network of another has its name from create on.',
  'The MAC address of an endpoint is taken in all versions.',
  'A connect or a start that was refused leaves nothing behind.',
  'A link to a container that was removed is not shown, and a create that is refused leaves no ' +
    'event.',
  'A container that has run shows the id of each of its networks.',
  'An empty list of bindings of a port means any port (as in all releases, once it is started).',
  'Ports that are exposed and not published are not in the list (since 29).',
  'Two of the names in `/etc/hosts` have a shorter address (since 25).',
  'IPv6 is switched off on the links of networks that have none, and nowhere else: the loopback ' +
    'has its address (since 26).',
  'A disconnect takes only the addresses of its network out of `/etc/hosts`.',
  'A link that is plugged in has the first name that is free.',
  'All name servers are asked by the one inside, those of IPv6 as well (since 26).',
  'Links set no variables (since 29).',
  'The gateway that the daemon chose is shown, too (since 29).',
  'The default bridge is not called `docker0`: each daemon of a host has one of its own.',
  'A subnet of IPv6 of a network that has none is left out (since 28).',
  'What is wrong with the subnets of a network is 400, and said at once (since 25); ' +
    'dockerd 20.10 lets some of it pass.',
  'Options of the bridge driver that make no sense are 400 (since 23).',
  'Texts and statuses of refused networks are those of later releases.',
  'A filter that is no regular expression is refused.',
  'Texts and statuses of what a container can not have of networks are those of later releases.',
  'An address can be asked for in networks whose subnet nobody chose, too (since 29).',
  'A MAC address that is none, or that nothing would have, is refused (since 25).',
  'Connects and disconnects that can not be are refused in the words of later releases, also of ' +
    'containers that share the network of another.',
  'A network that is not there is said at once, not at the next start.',
  'Texts about containers whose network can not be joined are those of later releases.',
  'Ports that are none, ranges in the place of one, and host addresses that are none are refused ' +
    '(since 29).',
  'Texts of ports that can not be had are those of later releases.',
  'Links that are none are 400; one of them is not removed by itself.',
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
  'Control groups of version 2 and the systemd driver: the tests have golden specs ' +
    '(effects/spec/golden) and what a Debian 12 made of specs of ours ' +
    '(test/conformance/recorded). By hand the daemon was run once in a virtual machine of Debian ' +
    '12: limits, update, pause, exec, stats, kills for lack of memory, parents and a bridge ' +
    'network came out right there.',
  'AppArmor: by a golden spec alone. SELinux labels are taken and have no effect.',
  'Throttled devices and real-time limits: by specs alone, the host of the tests has none.',
  'The seccomp profile on other architectures than x86_64.',
];
