/** What a container tells of itself: a script for its shell, and the lines in comparable form. */
import { readlinkSync } from 'node:fs';

/** Of each hierarchy; what the group has used is not asked for. */
const CGROUP_FILES = [
  ...['limit_in_bytes', 'memsw.limit_in_bytes', 'soft_limit_in_bytes', 'swappiness'].map(
    (file) => `memory/memory.${file}`,
  ),
  ...['oom_control', 'use_hierarchy', 'move_charge_at_immigrate'].map(
    (file) => `memory/memory.${file}`,
  ),
  ...['shares', 'cfs_period_us', 'cfs_quota_us', 'rt_period_us', 'rt_runtime_us'].map(
    (file) => `cpu/cpu.${file}`,
  ),
  ...['cpus', 'mems', 'cpu_exclusive', 'memory_migrate', 'sched_load_balance'].map(
    (file) => `cpuset/cpuset.${file}`,
  ),
  'pids/pids.max',
  'devices/devices.list',
  'blkio/blkio.weight',
  'blkio/blkio.throttle.read_bps_device',
  'freezer/freezer.self_freezing',
];

/** Of the process's status: what differs from process to process. */
const PASSING =
  '^(Name|State|Tgid|Ngid|Pid|PPid|NS|Vm|Rss|Hugetlb|SigQ|Speculation|.*ctxt|Mems_allowed:)';

/** Of the namespaces of IPC and network, but for what is drawn by chance. */
const SYSCTLS = 'kernel/msg* kernel/sem kernel/shm* kernel/domainname fs/mqueue/* net/ipv4/*';

const part = (name: string, command: string): string => `echo "## ${name}"; ${command} 2>&1`;

export const SCRIPT = [
  'exec 2>&1',
  part('status', `grep -vE '${PASSING}' /proc/self/status`),
  part('processes', "grep NSpid /proc/self/status | wc -w; tr '\\0' ' ' < /proc/1/cmdline; echo"),
  part('limits', 'cat /proc/self/limits'),
  part('id', 'id'),
  part('environment', 'env | sort'),
  part('directory', 'pwd; ls -ldn .'),
  part('name', 'hostname; cat /proc/sys/kernel/domainname'),
  part('namespaces', 'for i in /proc/self/ns/*; do readlink $i; done'),
  part('open', 'ls /proc/self/fd'),
  part('files', 'ls -ln /etc /.dockerenv'),
  part('hosts', 'cat /etc/hosts /etc/hostname /etc/resolv.conf'),
  part('score', 'cat /proc/self/oom_score_adj /proc/self/coredump_filter'),
  part('profile', 'cat /proc/self/attr/current'),
  part('devices', 'ls -ln /dev /dev/pts'),
  part('mounted', 'ls -ln /data /data/*'),
  part('cgroup', 'cat /proc/self/cgroup'),
  part('mounts', 'cat /proc/self/mountinfo'),
  part(
    'sysctls',
    `cd /proc/sys; for i in $(ls -d ${SYSCTLS}); do [ -f $i ] && echo $i $(cat $i 2>&1); done`,
  ),
  ...CGROUP_FILES.map((file) => part(file, `cat /sys/fs/cgroup/${file}`)),
  part(
    'writes',
    'echo x > /proc/sys/kernel/msgmax; echo x > /written; ls /proc/kcore -l | cut -c1',
  ),
].join('\n');

type Change = (line: string) => string;

const DATE = /(\w{3} +\d+ +(\d\d:\d\d|\d{4}))/;
const listed: Change = (line) => line.replace(DATE, 'DATE');

/** What differs from container to container, by the section that it stands in. */
const CHANGES: Readonly<Record<string, Change>> = {
  mounts: mountOf,
  namespaces: (line) => line.replace(/(\w+):\[\d+\]/, (whole, kind) => `${kind} ${ownerOf(whole)}`),
  // The host's own shared memory changes with whatever else runs there.
  devices: (line) => (line.endsWith(' shm') ? `${line.slice(0, 10)} shm` : listed(line)),
  // How long the daemon's files are follows from what stands in them, which is shown, too.
  files: (line) => listed(line).replace(/ \d+ DATE (host|resolv)/, ' DATE $1'),
  mounted: listed,
  directory: listed,
  // Drawn by chance, and what the host's processes have just looked for.
  sysctls: (line) => (/fastopen_key|ipfrag_secret/.test(line) ? '' : line),
};

/** Lines with what differs from container to container taken out. */
export function toldOf(output: string): readonly string[] {
  let section = '';
  return output.split('\n').map((line) => {
    if (line.startsWith('## ')) {
      section = line.slice(3);
      return line;
    }
    return CHANGES[section]?.(line) ?? line;
  });
}

/** Whose namespace it is: `net:[4026531840]`. */
function ownerOf(link: string): string {
  const [kind = ''] = link.split(':');
  const file = kind.replace('_for_children', '');
  return readlinkSync(`/proc/self/ns/${file}`) === link ? 'of the host' : 'of its own';
}

/** Target, options, propagation and type; what a layer is made of is the snapshotter's. */
function mountOf(line: string): string {
  const [left = '', right = ''] = line.split(' - ');
  const [, , , root = '', target = '', options = '', ...optional] = left.split(' ');
  const [type = '', , superOptions = ''] = right.split(' ');
  const shown = type === 'tmpfs' ? superOptions.replace(/,?(nr_inodes|inode64)[^,]*/g, '') : '';
  const place = type === 'cgroup' || type === 'cgroup2' ? root : '';
  const spread = optional.map((word) => word.replace(/:\d+/, '')).join(',');
  const parts = [target, type, options, spread, place, shown];
  return parts.filter((part) => part !== '').join(' ');
}
