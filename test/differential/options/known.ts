/**
 * What dockerd 20.10 and shiplog are known to say differently of a container. Each rule makes the
 * lines of one engine like those of the other, and says why it may. docs/compatibility.md shows
 * the reasons.
 */
type Part = 'create' | 'inspect' | 'start' | 'inside' | 'state' | StoryPart;
/** Of the stories of networks. */
type StoryPart = 'answer' | 'container' | 'network' | 'events';

export interface KnownLine {
  readonly reason: string;
  readonly part: Part;
  readonly of: 'dockerd' | 'shiplog';
  /** In small letters. */
  readonly line: RegExp;
  /** What stands in its place; empty: the line is left out. */
  readonly alike: string;
}

export const KNOWN_LINES: readonly KnownLine[] = [
  {
    reason: 'The policy is called `no` where none is given (since 25).',
    part: 'inspect',
    of: 'dockerd',
    line: /^(hostconfig\.restartpolicy\.name) ""$/,
    alike: '$1 "no"',
  },
  {
    reason: 'Limits of kernel memory are not there any more (since 23 and 29).',
    part: 'inspect',
    of: 'dockerd',
    line: /^hostconfig\.kernelmemory(tcp)? 0$/,
    alike: '',
  },
  {
    reason: 'More is masked: the power of the processors and what interrupts tell (since 25, 28).',
    part: 'inspect',
    of: 'dockerd',
    line: /^(hostconfig\.maskedpaths) \["\/proc\/asound","\/proc\/acpi".*$/,
    alike: '$1 of the release',
  },
  {
    reason: 'More is masked: the power of the processors and what interrupts tell (since 25, 28).',
    part: 'inspect',
    of: 'shiplog',
    line: /^(hostconfig\.maskedpaths) \["\/proc\/acpi","\/proc\/asound".*$/,
    alike: '$1 of the release',
  },
  {
    reason: 'More is masked: the power of the processors and what interrupts tell (since 25, 28).',
    part: 'inside',
    of: 'shiplog',
    line: /^\/(proc\/interrupts|sys\/devices\/virtual\/powercap) tmpfs .*$/,
    alike: '',
  },
  {
    reason: 'The root of a container is a mount of its own, from which nothing comes to it.',
    part: 'inside',
    of: 'dockerd',
    line: /^(\/ overlay \S+) +master$/,
    alike: '$1',
  },
  {
    reason: 'The data root is not made a shared mount: volumes are as shared as the host has them.',
    part: 'inside',
    of: 'dockerd',
    line: /^(\/(?:data|home) (?:ext4|xfs|btrfs|overlay|tmpfs) \S+) master/,
    alike: '$1',
  },
  {
    reason: 'Limits of a process do not change with what starts the daemon: 1024 files are soft.',
    part: 'inside',
    of: 'dockerd',
    line: /^(max open files) +(\d+) +\2 .*$/,
    alike: '$1 $2',
  },
  {
    reason: 'Limits of a process do not change with what starts the daemon: 1024 files are soft.',
    part: 'inside',
    of: 'shiplog',
    line: /^(max open files) +1024 +(\d+) .*$/,
    alike: '$1 $2',
  },
  {
    reason: 'Networks in inspect have members of later versions (`DNSNames`, `GwPriority`).',
    part: 'inspect',
    of: 'shiplog',
    line: /^networksettings\.networks\.\S+\.(gwpriority 0|dnsnames null)$/,
    alike: '',
  },
  {
    reason: 'Two of the names in `/etc/hosts` have a shorter address (since 25).',
    part: 'inside',
    of: 'dockerd',
    line: /^(f[ef]00::)0\t/,
    alike: '$1\t',
  },
  {
    reason: 'A working directory that is a file is found at the first start, not at create.',
    part: 'create',
    of: 'dockerd',
    line: /^500 .*cannot mkdir: .* is not a directory.*$/,
    alike: '201 {"warnings":[]}',
  },
  {
    reason: 'Texts about unknown runtimes and restart policies are those since 23 and 25.',
    part: 'create',
    of: 'dockerd',
    line: /unknown runtime specified /,
    alike: 'unknown or invalid runtime name: ',
  },
  ...(['dockerd', 'shiplog'] as const).map(
    (of): KnownLine => ({
      reason: 'Texts about unknown runtimes and restart policies are those since 23 and 25.',
      part: 'create',
      of,
      line: /^(400 ).*(invalid restart policy|with restart policy).*$/,
      alike: '$1a policy',
    }),
  ),
  {
    reason: 'Limits of kernel memory are not there any more (since 23 and 29).',
    part: 'create',
    of: 'dockerd',
    line: /^400 .*minimum kernel memory limit.*$/,
    alike: '201 {"warnings":[]}',
  },
  {
    reason: 'Rights that came with kernels after 5.7 are known (since 23).',
    part: 'inside',
    of: 'dockerd',
    line: /^(cap(?:prm|eff|bnd):\s+)0000003f/,
    alike: '$1000001ff',
  },
  ...(['start', 'state'] as const).map(
    (part): KnownLine => ({
      reason: 'The text of a runtime that fails has a prefix (since 23).',
      part,
      of: 'shiplog',
      line: /failed to create task for container: (?=failed to create shim task: )/,
      alike: '',
    }),
  ),
  ...(['start', 'state'] as const).flatMap((part): readonly KnownLine[] =>
    (['dockerd', 'shiplog'] as const).map((of) => ({
      reason: 'What is wrong with a profile is said by the reader of JSON that each has.',
      part,
      of,
      line: /(decoding seccomp profile failed: ).*?("?\}?)$/,
      alike: '$1what$2',
    })),
  ),
];
