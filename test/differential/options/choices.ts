/** The options that are compared, each with a value or two: what works, and what is refused. */
import { SCRIPT } from './probe.ts';

export interface Choice {
  readonly name: string;
  readonly config?: object;
  readonly host?: object;
}

const host = (name: string, fields: object): Choice => ({ name, host: fields });
const config = (name: string, fields: object): Choice => ({ name, config: fields });
const MB = 1024 ** 2;
export const CGROUP_PARENT = '/shiplog-differential';

/** Work on every host with these controllers. */
const LIMITS: readonly Choice[] = [
  host('memory', { Memory: 64 * MB }),
  host('memory and swap', { Memory: 64 * MB, MemorySwap: 80 * MB }),
  host('memory, swap without limit', { Memory: 64 * MB, MemorySwap: -1 }),
  host('memory reservation', { MemoryReservation: 32 * MB }),
  host('swappiness', { MemorySwappiness: 10 }),
  host('swappiness 0', { MemorySwappiness: 0 }),
  host('no OOM killer', { OomKillDisable: true, Memory: 64 * MB }),
  host('cpus', { NanoCpus: 500_000_000 }),
  host('cpu shares', { CpuShares: 512 }),
  host('few cpu shares', { CpuShares: 1 }),
  host('cpu period and quota', { CpuPeriod: 50_000, CpuQuota: 20_000 }),
  host('cpu quota without limit', { CpuQuota: -1 }),
  host('cpuset', { CpusetCpus: '0' }),
  host('cpuset mems', { CpusetMems: '0' }),
  host('pids', { PidsLimit: 50 }),
  host('pids 0', { PidsLimit: 0 }),
  host('pids -1', { PidsLimit: -1 }),
  host('blkio weight', { BlkioWeight: 300 }),
  host('oom score', { OomScoreAdj: 250 }),
  host('ulimits', { Ulimits: [{ Name: 'nofile', Soft: 100, Hard: 200 }] }),
  host('core without limit', { Ulimits: [{ Name: 'core', Soft: -1, Hard: -1 }] }),
  host('shm size', { ShmSize: 8 * MB }),
];

const RIGHTS: readonly Choice[] = [
  host('cap add', { CapAdd: ['SYS_TIME'] }),
  host('cap add in small letters', { CapAdd: ['cap_net_admin', 'sys_nice'] }),
  host('cap drop', { CapDrop: ['MKNOD', 'NET_RAW'] }),
  host('cap drop ALL', { CapDrop: ['ALL'] }),
  host('cap drop ALL, add', { CapDrop: ['all'], CapAdd: ['CHOWN', 'SETUID'] }),
  host('no new privileges', { SecurityOpt: ['no-new-privileges'] }),
  host('no new privileges, old spelling', { SecurityOpt: ['no-new-privileges:true'] }),
  host('seccomp unconfined', { SecurityOpt: ['seccomp=unconfined'] }),
  host('a seccomp profile', { SecurityOpt: ['seccomp={"defaultAction":"SCMP_ACT_ALLOW"}'] }),
  host('labels off', { SecurityOpt: ['label=disable'] }),
  host('AppArmor profile', { SecurityOpt: ['apparmor=unconfined'] }),
  host('nothing masked', { MaskedPaths: [], ReadonlyPaths: [] }),
  host('masked', { MaskedPaths: ['/proc/version'], ReadonlyPaths: ['/proc/sys/kernel'] }),
  host('read-only root', { ReadonlyRootfs: true }),
  host('a device', {
    Devices: [{ PathOnHost: '/dev/null', PathInContainer: '/dev/mine', CgroupPermissions: 'rw' }],
  }),
  host('device rules', { DeviceCgroupRules: ['c 10:200 rwm', 'b *:* r'] }),
  host('groups', { GroupAdd: ['staff', '77'] }),
  config('user', { User: 'web' }),
  config('user and group', { User: '1234:50' }),
];

const NAMESPACES: readonly Choice[] = [
  host('IPC private', { IpcMode: 'private' }),
  host('IPC shareable', { IpcMode: 'shareable' }),
  host('IPC none', { IpcMode: 'none' }),
  host('IPC host', { IpcMode: 'host' }),
  host('PID host', { PidMode: 'host' }),
  host('UTS host', { UTSMode: 'host' }),
  host('cgroup namespace', { CgroupnsMode: 'private' }),
  host('cgroup of the host', { CgroupnsMode: 'host' }),
  host('user namespace of the host', { UsernsMode: 'host' }),
  host('sysctl of IPC', { Sysctls: { 'kernel.msgmax': '4096' } }),
  host('sysctl of the network', { Sysctls: { 'net.ipv4.ip_unprivileged_port_start': '80' } }),
  config('hostname', { Hostname: 'named' }),
  config('domain name', { Hostname: 'named', Domainname: 'example.org' }),
];

const PROCESS: readonly Choice[] = [
  config('working directory', { WorkingDir: '/made/here' }),
  config('environment', { Env: ['A=1', 'B=', 'PATH=/bin:/usr/bin', 'HOME'] }),
  config('labels', { Labels: { a: 'b', c: '' } }),
  config('stop signal', { StopSignal: 'SIGINT', StopTimeout: 3 }),
  config('exposed port', { ExposedPorts: { '80/tcp': {} } }),
  config('an entry point', { Entrypoint: ['sh', '-c'], Cmd: [SCRIPT] }),
  config('a terminal', { Tty: true, OpenStdin: true }),
  config('a terminal without an environment', { Tty: true, Env: ['TERM', 'PATH=/bin'] }),
  config('input', { OpenStdin: true, StdinOnce: true, AttachStdin: true }),
  host('an init', { Init: true }),
  config('health', { Healthcheck: { Test: ['CMD', 'true'], Interval: 1e9 * 60 } }),
  host('restart policy', { RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 2 } }),
  host('log limits', { LogConfig: { Type: 'json-file', Config: { 'max-size': '1m' } } }),
  host('cgroup parent', { CgroupParent: CGROUP_PARENT }),
  host('console size', { ConsoleSize: [10, 20] }),
];

/** What is mounted lies on /data, which is looked at. */
const MOUNTS: readonly Choice[] = [
  host('a bind', { Binds: ['/usr/share/doc/base-files:/data'] }),
  host('a read-only bind', { Binds: ['/usr/share/doc/base-files:/data:ro'] }),
  host('a bind of a file', { Binds: ['/usr/lib/os-release:/data/release:ro,z'] }),
  host('a bind over a file of the daemon', { Binds: ['/usr/lib/os-release:/etc/hosts'] }),
  host('a slave bind', { Binds: ['/usr/share/doc/base-files:/data:rslave'] }),
  host('a bind by its specification', {
    Mounts: [{ Type: 'bind', Source: '/usr/share/doc/base-files', Target: '/data' }],
  }),
  host('a flat read-only bind', {
    Mounts: [
      {
        Type: 'bind',
        Source: '/usr/share/doc/base-files',
        Target: '/data',
        ReadOnly: true,
        BindOptions: { NonRecursive: true, Propagation: 'private' },
      },
    ],
  }),
  host('a named volume', { Binds: ['differential:/data'] }),
  host('a read-only volume', { Binds: ['differential:/data:ro'] }),
  host('a filled volume', { Binds: ['differential-home:/home'] }),
  host('a volume without a copy', { Binds: ['differential-bare:/home:nocopy'] }),
  host('a volume by its specification', {
    Mounts: [
      {
        Type: 'volume',
        Source: 'differential-labelled',
        Target: '/data',
        VolumeOptions: { NoCopy: true, Labels: { a: 'b' } },
      },
    ],
  }),
  config('a volume of its own', { Volumes: { '/data': {} } }),
  host('a tmpfs', { Tmpfs: { '/data': '' } }),
  host('a tmpfs with options', { Tmpfs: { '/data': 'size=64k,mode=1770,uid=5,exec' } }),
  host('a tmpfs by its specification', {
    Mounts: [{ Type: 'tmpfs', Target: '/data', TmpfsOptions: { SizeBytes: 65_536, Mode: 0o1750 } }],
  }),
  host('a tmpfs for shared memory', { Tmpfs: { '/dev/shm': 'size=32k' } }),
  host('a volume of a device', {
    Mounts: [
      {
        Type: 'volume',
        Source: 'differential-device',
        Target: '/data',
        VolumeOptions: {
          DriverConfig: {
            Name: 'local',
            Options: { type: 'tmpfs', device: 'tmpfs', o: 'size=40k,uid=7' },
          },
        },
      },
    ],
  }),
];

const NAMES: readonly Choice[] = [
  host('hosts', { ExtraHosts: ['there:10.1.2.3', 'also:::1'] }),
  host('name servers', { Dns: ['10.9.8.7'], DnsSearch: ['example.org'], DnsOptions: ['ndots:3'] }),
  host('no search', { DnsSearch: ['.'] }),
  host('network of the host', { NetworkMode: 'host' }),
];

/** Refused at create or at start. */
const WRONG: readonly Choice[] = [
  host('an absent device', { Devices: [{ PathOnHost: '/dev/nope', CgroupPermissions: 'r' }] }),
  host('a file as device', { Devices: [{ PathOnHost: '/etc/passwd', CgroupPermissions: 'r' }] }),
  host('a bad device rule', { DeviceCgroupRules: ['x'] }),
  host('GPUs', { DeviceRequests: [{ Count: -1, Capabilities: [['gpu']] }] }),
  host('an unknown group', { GroupAdd: ['nope'] }),
  host('an unknown ulimit', { Ulimits: [{ Name: 'bogus', Soft: 1, Hard: 1 }] }),
  host('a sysctl of the host', { Sysctls: { 'kernel.bogus': '1' } }),
  host('a sysctl of a shared IPC', { Sysctls: { 'kernel.shmmax': '1' }, IpcMode: 'host' }),
  host('a bad profile', { SecurityOpt: ['seccomp={bad'] }),
  host('a bad option', { SecurityOpt: ['foo=bar'] }),
  host('an option of one word', { SecurityOpt: ['foo'] }),
  host('a bad boolean', { SecurityOpt: ['no-new-privileges=maybe'] }),
  host('isolation', { Isolation: 'hyperv' }),
  host('storage size', { StorageOpt: { size: '1G' } }),
  host('a storage option', { StorageOpt: { x: '1' } }),
  host('an absent throttled device', { BlkioDeviceReadBps: [{ Path: '/dev/nope', Rate: 5 }] }),
  host('negative shares', { CpuShares: -1 }),
  host('IPC of nobody', { IpcMode: 'container:nobody' }),
  host('PID of nobody', { PidMode: 'container:nobody' }),
  config('UTS of the host with a name', { Hostname: 'x' }),
  config('an unknown user', { User: 'nope' }),
  config('a relative directory', { WorkingDir: 'x' }),
  config('a program that is missing', { Cmd: ['nothing'] }),
  config('a program that is a directory', { Cmd: ['/etc'] }),
  config('a program that can not be run', { Cmd: ['/etc/passwd'] }),
  config('a directory that is a file', { WorkingDir: '/etc/passwd' }),
  config('no program', { Cmd: [], Entrypoint: [''] }),
  config('a stop signal', { StopSignal: 'SIGNOPE' }),
  config('a wrong variable', { Env: ['=x'] }),
  host('a bind twice', { Binds: ['/usr:/data', '/etc:/data'] }),
  host('a bind and a tmpfs', { Binds: ['/usr:/data'], Tmpfs: { '/data': '' } }),
  host('a bind over all', { Binds: ['/usr:/'] }),
  host('a bind to a relative place', { Binds: ['/usr:data'] }),
  host('a bind from a relative place', { Binds: ['./usr:/data'] }),
  host('a bind with a wrong mode', { Binds: ['/usr:/data:rox'] }),
  host('a bind with two modes', { Binds: ['/usr:/data:ro,rw'] }),
  host('a bind in four parts', { Binds: ['/usr:/data:ro:rw'] }),
  host('a bind that is not copied', { Binds: ['/usr:/data:nocopy'] }),
  host('a short name of a volume', { Binds: ['x:/data'] }),
  host('a shared bind of what is not', { Binds: ['/sys/kernel:/data:shared'] }),
  host('a missing source', { Mounts: [{ Type: 'bind', Source: '/no/thing', Target: '/data' }] }),
  host('a mount without a source', { Mounts: [{ Type: 'bind', Target: '/data' }] }),
  host('a mount without a target', { Mounts: [{ Type: 'volume', Source: 'differential' }] }),
  host('a mount of an unknown type', { Mounts: [{ Type: 'foo', Target: '/data' }] }),
  host('a tmpfs with a source', { Mounts: [{ Type: 'tmpfs', Source: '/x', Target: '/data' }] }),
  host('a mount to a relative place', { Mounts: [{ Type: 'tmpfs', Target: 'data' }] }),
  host('a volume with a propagation', {
    Mounts: [{ Type: 'volume', Target: '/data', BindOptions: { Propagation: 'private' } }],
  }),
  host('a wrong propagation', {
    Mounts: [
      { Type: 'bind', Source: '/usr', Target: '/data', BindOptions: { Propagation: 'wide' } },
    ],
  }),
  host('a tmpfs with an unknown option', { Tmpfs: { '/data': 'colour=red' } }),
  host('a tmpfs at a relative place', { Tmpfs: { data: '' } }),
  host('volumes of nobody', { VolumesFrom: ['nobody'] }),
  host('volumes in a wrong mode', { VolumesFrom: ['nobody:rox'] }),
  host('an unknown volume driver', { Binds: ['differential-x:/data'], VolumeDriver: 'nope' }),
  host('a name server that is none', { Dns: ['nowhere'] }),
  host('a host without an address', { ExtraHosts: ['there'] }),
  host('a host with a wrong address', { ExtraHosts: ['there:1.2'] }),
  host('an unknown network', { NetworkMode: 'nowhere' }),
  host('the network of nobody', { NetworkMode: 'container:nobody' }),
  host('an unknown runtime', { Runtime: 'nope' }),
  host('an unknown log driver', { LogConfig: { Type: 'nope', Config: {} } }),
  host('an unknown log option', { LogConfig: { Type: 'json-file', Config: { nope: '1' } } }),
  host('a log size that is none', {
    LogConfig: { Type: 'json-file', Config: { 'max-size': 'x' } },
  }),
  host('a policy that is none', { RestartPolicy: { Name: 'nope' } }),
  host('too many tries', { RestartPolicy: { Name: 'always', MaximumRetryCount: 2 } }),
  host('little memory', { Memory: 1024 }),
  host('less swap than memory', { Memory: 64 * MB, MemorySwap: 32 * MB }),
  host('swap alone', { MemorySwap: 64 * MB }),
  host('more reserved than there is', { Memory: 32 * MB, MemoryReservation: 64 * MB }),
  host('too much swappiness', { MemorySwappiness: 101 }),
  host('too many processors', { NanoCpus: 1e12 }),
  host('processors twice', { NanoCpus: 1e9, CpuQuota: 50_000 }),
  host('a short period', { CpuPeriod: 10 }),
  host('a small quota', { CpuQuota: 10 }),
  host('processors that are not there', { CpusetCpus: '0-9999' }),
  host('a set that is none', { CpusetCpus: 'x' }),
  host('much weight', { BlkioWeight: 5000 }),
  host('an unknown capability', { CapAdd: ['NOPE'] }),
  host('an OOM score out of range', { OomScoreAdj: 2000 }),
  host('negative shared memory', { ShmSize: -1 }),
  host('a small block of memory', { KernelMemory: 1024 }),
];

/** Starts at dockerd only where nothing is withheld from it: see confinement.ts. */
export const PRIVILEGED = host('privileged', { Privileged: true });

/** Accepted, each alone. */
export const WORKING: readonly Choice[] = [
  ...LIMITS,
  ...RIGHTS,
  ...NAMESPACES,
  ...PROCESS,
  ...MOUNTS,
  ...NAMES,
];

export const SINGLES: readonly Choice[] = [{ name: 'nothing' }, ...WORKING, ...WRONG];

const of = (...names: readonly string[]): readonly Choice[] =>
  [...SINGLES, PRIVILEGED].filter(({ name }) => names.includes(name));

/** Options that meet in the same part of the spec. */
export const MEETING: readonly (readonly Choice[])[] = [
  of('privileged', 'user', 'read-only root', 'cap drop', 'cgroup namespace', 'a device', 'masked'),
  of('privileged', 'cap drop ALL', 'no new privileges', 'nothing masked', 'IPC host', 'a tmpfs'),
  of(
    'network of the host',
    'hostname',
    'name servers',
    'hosts',
    'UTS host',
    'sysctl of the network',
  ),
  of('read-only root', 'a bind', 'a named volume', 'a tmpfs', 'a tmpfs for shared memory', 'user'),
  of('user', 'cap add', 'cap drop ALL', 'no new privileges', 'seccomp unconfined', 'groups'),
  of('IPC none', 'IPC host', 'IPC shareable', 'read-only root', 'shm size', 'nothing masked'),
  of('PID host', 'UTS host', 'cgroup namespace', 'domain name', 'a device', 'IPC private'),
  of('memory', 'cpus', 'pids', 'cpuset', 'memory reservation', 'oom score', 'cgroup parent'),
  of('working directory', 'user', 'environment', 'hostname', 'read-only root', 'ulimits'),
];
