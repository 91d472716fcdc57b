/** What a container tells of itself: a script for its shell, and the lines in comparable form. */

const CGROUP_FILES = [
  'memory/memory.limit_in_bytes',
  'memory/memory.memsw.limit_in_bytes',
  'memory/memory.soft_limit_in_bytes',
  'memory/memory.swappiness',
  'cpu/cpu.shares',
  'cpu/cpu.cfs_period_us',
  'cpu/cpu.cfs_quota_us',
  'cpuset/cpuset.cpus',
  'cpuset/cpuset.mems',
  'pids/pids.max',
  'devices/devices.list',
];

const part = (name: string, command: string): string => `echo "## ${name}"; ${command} 2>&1`;

export const SCRIPT = [
  'exec 2>&1',
  part('status', "grep -E '^(Cap|Seccomp:|NoNew|Uid|Gid|Groups)' /proc/self/status"),
  part('limits', 'cat /proc/self/limits'),
  part('id', 'id'),
  part('environment', 'env | sort'),
  part('directory', 'pwd'),
  part('name', 'hostname; cat /proc/sys/kernel/domainname'),
  part('files', 'cat /etc/hostname; ls -ld /etc/hostname /etc/hosts /etc/resolv.conf'),
  part('score', 'cat /proc/self/oom_score_adj'),
  part('first', "tr '\\0' ' ' < /proc/1/cmdline; echo"),
  part('devices', 'ls -ln /dev | grep -v total'),
  part('cgroup', 'cat /proc/self/cgroup'),
  part('mounts', 'cat /proc/self/mountinfo'),
  part(
    'sysctls',
    'cd /proc/sys; cat net/ipv4/ip_unprivileged_port_start net/ipv4/ping_group_range kernel/msgmax',
  ),
  ...CGROUP_FILES.map((file) => part(file, `cat /sys/fs/cgroup/${file}`)),
  part(
    'writes',
    'echo x > /proc/sys/kernel/msgmax; echo x > /written; ls /proc/kcore -l | cut -c1',
  ),
].join('\n');

/** Lines with what differs from container to container taken out. */
export function toldOf(output: string): readonly string[] {
  let section = '';
  return output.split('\n').map((line) => {
    if (line.startsWith('## ')) section = line;
    if (section === '## mounts' && line !== section) return mountOf(line);
    // The host's own changes with whatever else runs there.
    if (section === '## devices' && line.endsWith(' shm')) return `${line.slice(0, 10)} shm`;
    if (section === '## devices') return line.replace(/\w{3} +\d+ +(\d\d:\d\d|\d{4})/, 'DATE');
    if (section === '## files') return line.replace(/ +\d+ \w{3} +\d+ +(\d\d:\d\d|\d{4})/, ' DATE');
    return line;
  });
}

/** Target, options, propagation and type; what a layer is made of is the snapshotter's. */
function mountOf(line: string): string {
  const [left = '', right = ''] = line.split(' - ');
  const [, , , root = '', target = '', options = '', ...optional] = left.split(' ');
  const [type = '', , superOptions = ''] = right.split(' ');
  const shown = type === 'tmpfs' ? superOptions.replace(/,?(nr_inodes|inode64)[^,]*/g, '') : '';
  const place = type === 'cgroup' || type === 'cgroup2' ? root : '';
  const spread = optional.map((word) => word.replace(/:\d+/, '')).join(',');
  return `${target} ${type} ${options} ${spread} ${place} ${shown}`.trim();
}
