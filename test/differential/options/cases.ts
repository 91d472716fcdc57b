/**
 * Combinations of create's options: each alone, all pairs of those that meet each other somewhere,
 * and more at random, by a seed.
 */
import { Random } from '../../sim/random.ts';

export interface Choice {
  readonly name: string;
  readonly config?: object;
  readonly host?: object;
}

export interface Case {
  readonly title: string;
  readonly config: object;
  readonly host: object;
}

const host = (name: string, fields: object): Choice => ({ name, host: fields });
const config = (name: string, fields: object): Choice => ({ name, config: fields });
const MB = 1024 ** 2;

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
  config('health', { Healthcheck: { Test: ['CMD', 'true'], Interval: 1e9 * 60 } }),
  host('restart policy', { RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 2 } }),
  host('log limits', { LogConfig: { Type: 'json-file', Config: { 'max-size': '1m' } } }),
  host('cgroup parent', { CgroupParent: '/shiplog-differential' }),
  host('console size', { ConsoleSize: [10, 20] }),
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
];

export const SINGLES: readonly Choice[] = [
  { name: 'nothing' },
  ...LIMITS,
  ...RIGHTS,
  ...NAMESPACES,
  ...PROCESS,
  ...WRONG,
];

const of = (...names: readonly string[]): readonly Choice[] =>
  SINGLES.filter(({ name }) => names.includes(name));

/** Options that meet in the same part of the spec. */
const MEETING: readonly (readonly Choice[])[] = [
  of('user', 'cap add', 'cap drop ALL', 'no new privileges', 'seccomp unconfined', 'groups'),
  of('IPC none', 'IPC host', 'IPC shareable', 'read-only root', 'shm size', 'nothing masked'),
  of('PID host', 'UTS host', 'cgroup namespace', 'domain name', 'a device', 'IPC private'),
  of('memory', 'cpus', 'pids', 'cpuset', 'memory reservation', 'oom score', 'cgroup parent'),
  of('working directory', 'user', 'environment', 'hostname', 'read-only root', 'ulimits'),
];

function joined(choices: readonly Choice[]): Case {
  return {
    title: choices.map(({ name }) => name).join(' + '),
    config: Object.assign({}, ...choices.map((choice) => choice.config ?? {})),
    host: Object.assign({}, ...choices.map((choice) => choice.host ?? {})),
  };
}

function pairs(choices: readonly Choice[]): readonly Case[] {
  return choices.flatMap((one, at) => choices.slice(at + 1).map((other) => joined([one, other])));
}

/** @param count of random combinations of three to five options that work alone */
export function cases(seed: number, count: number): readonly Case[] {
  const random = new Random(seed);
  const working = [...LIMITS, ...RIGHTS, ...NAMESPACES, ...PROCESS];
  const picked = Array.from({ length: count }, () =>
    joined(Array.from({ length: 3 + random.below(3) }, () => random.pick(working))),
  );
  const all = [...SINGLES.map((one) => joined([one])), ...MEETING.flatMap(pairs), ...picked];
  return [...new Map(all.map((one) => [one.title, one])).values()];
}
