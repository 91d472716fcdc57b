/** The OCI spec: one golden container, then what each wish changes in it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CONTAINER_ID, plainInput } from './fixture.ts';
import { ociSpec } from './spec.ts';
import type { OciMount, OciSpec, SpecInput } from './types.ts';

const DEFAULT_CAPABILITIES = [
  'CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP',
  'NET_BIND_SERVICE SYS_CHROOT KILL AUDIT_WRITE',
]
  .join(' ')
  .split(' ')
  .map((name) => `CAP_${name}`);

const GOLDEN_MOUNTS: readonly string[] = [
  '/proc proc proc nosuid,noexec,nodev',
  '/dev tmpfs tmpfs nosuid,strictatime,mode=755,size=65536k',
  '/sys sysfs sysfs nosuid,noexec,nodev,ro',
  '/dev/pts devpts devpts nosuid,noexec,newinstance,ptmxmode=0666,mode=0620,gid=5',
  '/dev/mqueue mqueue mqueue nosuid,noexec,nodev',
  '/dev/shm tmpfs shm nosuid,noexec,nodev,mode=1777,size=67108864',
  '/sys/fs/cgroup cgroup cgroup nosuid,noexec,nodev,ro',
  '/etc/resolv.conf bind /d/resolv.conf rbind,rprivate',
  '/etc/hostname bind /d/hostname rbind,rprivate',
  '/etc/hosts bind /d/hosts rbind,rprivate',
];

const shown = (mount: OciMount): string =>
  `${mount.destination} ${mount.type} ${mount.source} ${mount.options.join()}`;
const mountAt = (spec: OciSpec, target: string): string =>
  spec.mounts
    .filter((mount) => mount.destination === target)
    .map(shown)
    .join('; ');
const types = (spec: OciSpec): string => spec.linux.namespaces.map((each) => each.type).join(' ');
const onVersion2 = (input: SpecInput): SpecInput => ({
  ...input,
  host: { ...input.host, cgroup: { version: 2, driver: 'systemd' } },
});

test('a container that asks for nothing gets the golden mounts', () => {
  assert.deepEqual(ociSpec(plainInput()).mounts.map(shown), GOLDEN_MOUNTS);
});

test('a container that asks for nothing gets the golden process', () => {
  assert.deepEqual(ociSpec(plainInput()).process, {
    terminal: false,
    user: { uid: 0, gid: 0, additionalGids: [0] },
    args: ['true'],
    env: [
      'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      'HOSTNAME=c0ffee000000',
    ],
    cwd: '/',
    capabilities: {
      bounding: DEFAULT_CAPABILITIES,
      effective: DEFAULT_CAPABILITIES,
      permitted: DEFAULT_CAPABILITIES,
    },
    noNewPrivileges: false,
    oomScoreAdj: 0,
    rlimits: [{ type: 'RLIMIT_NOFILE', soft: 1024n, hard: 524_288n }],
  });
});

test('a container that asks for nothing gets the golden rest', () => {
  const { process, mounts, ...rest } = ociSpec(plainInput());
  assert.ok(process && mounts);
  const device = (allow: boolean, major: number, minor: number) => ({
    allow,
    type: 'c',
    major,
    minor,
    access: 'rwm',
  });
  assert.deepEqual(rest, {
    ociVersion: '1.0.2-dev',
    root: { path: '/roots/c', readonly: false },
    hostname: 'c0ffee000000',
    linux: {
      namespaces: ['mount', 'network', 'uts', 'pid', 'ipc'].map((type) => ({ type })),
      resources: {
        devices: [
          { allow: false, access: 'rwm' },
          device(true, 1, 5),
          device(true, 1, 3),
          device(true, 1, 9),
          device(true, 1, 8),
          device(true, 5, 0),
          device(true, 5, 1),
          device(false, 10, 229),
        ],
      },
      cgroupsPath: `/shiplog/${CONTAINER_ID}`,
      sysctl: {
        'net.ipv4.ip_unprivileged_port_start': '0',
        'net.ipv4.ping_group_range': '0 2147483647',
      },
      maskedPaths: ['/proc/kcore'],
      readonlyPaths: ['/proc/sys'],
    },
  });
});

test("the host network is shared as it is: no namespace, no sysctls, the host's name", () => {
  const spec = ociSpec(plainInput({ Hostname: '' }, { NetworkMode: 'host' }));
  assert.equal(types(spec), 'mount uts pid ipc');
  assert.deepEqual(spec.linux.sysctl, {});
  assert.equal(spec.hostname, 'the-host');
});

test('a bridge network is a namespace of its own', () => {
  assert.match(types(ociSpec(plainInput({}, { NetworkMode: 'bridge' }))), /network/);
});

test("the host's pid, uts and ipc namespaces are shared by leaving them out", () => {
  const all = { PidMode: 'host', UTSMode: 'host', IpcMode: 'host' };
  const spec = ociSpec({ ...plainInput({}, all), sharedMemory: '/dev/shm' });
  assert.equal(types(spec), 'mount network');
  assert.equal('hostname' in spec, false);
  assert.equal(mountAt(spec, '/dev/shm'), '/dev/shm bind /dev/shm rbind,rprivate');
});

test('namespaces of another container are those of the process that the start locked in', () => {
  const run = { container: 'd', run: 2, pid: 55, startTime: '7' };
  const donors = { ipc: { ...run, shm: 'd' }, pid: run, network: run };
  const modes = { IpcMode: 'container:d', PidMode: 'container:d', NetworkMode: 'container:d' };
  const spec = ociSpec({ ...plainInput({}, modes), donors, sharedMemory: '/run/shm/d' });
  const paths = spec.linux.namespaces.flatMap(({ type, path }) =>
    path ? [`${type} ${path}`] : [],
  );
  assert.deepEqual(paths, [
    'network /proc/55/ns/net',
    'pid /proc/55/ns/pid',
    'ipc /proc/55/ns/ipc',
  ]);
  assert.equal(mountAt(spec, '/dev/shm'), '/dev/shm bind /run/shm/d rbind,rprivate');
  assert.deepEqual(spec.linux.sysctl, {});
});

test('IPC mode none has a namespace and no shared memory', () => {
  const spec = ociSpec(plainInput({}, { IpcMode: 'none' }));
  assert.match(types(spec), /ipc/);
  assert.equal(mountAt(spec, '/dev/shm'), '');
});

test('ShmSize is the size of the shared memory', () => {
  assert.match(mountAt(ociSpec(plainInput({}, { ShmSize: 1024 })), '/dev/shm'), /size=1024$/);
});

test('the cgroup namespace is private when asked for, or by default on version 2', () => {
  const auto = { CgroupnsMode: '' };
  assert.doesNotMatch(types(ociSpec(plainInput({}, auto))), /cgroup/);
  assert.match(types(ociSpec(onVersion2(plainInput({}, auto)))), /cgroup/);
  assert.match(types(ociSpec(plainInput({}, { CgroupnsMode: 'private' }))), /cgroup/);
  assert.doesNotMatch(types(ociSpec(onVersion2(plainInput()))), /cgroup/);
});

test("the cgroup lies below the parent, written in the driver's way", () => {
  const path = (input: SpecInput): string => ociSpec(input).linux.cgroupsPath;
  assert.equal(path(plainInput({}, { CgroupParent: 'a/b/' })), `/a/b/${CONTAINER_ID}`);
  assert.equal(path(onVersion2(plainInput())), `system.slice:shiplog:${CONTAINER_ID}`);
  const parent = onVersion2(plainInput({}, { CgroupParent: 'x.slice' }));
  assert.equal(path(parent), `x.slice:shiplog:${CONTAINER_ID}`);
});

test("a read-only root takes the daemon's files with it, not the kernel's", () => {
  const spec = ociSpec(plainInput({}, { ReadonlyRootfs: true }));
  assert.equal(spec.root.readonly, true);
  const writable = spec.mounts.filter((mount) => !mount.options.includes('ro'));
  assert.deepEqual(
    writable.map((mount) => mount.destination),
    ['/proc', '/dev', '/dev/pts', '/dev/mqueue', '/dev/shm'],
  );
});

test('entrypoint comes before command, a terminal brings TERM and its size', () => {
  const input = plainInput(
    { Entrypoint: ['/bin/sh', '-c'], Cmd: ['x'], Tty: true, WorkingDir: '/w' },
    { ConsoleSize: [24, 80] },
  );
  const { args, env, terminal, consoleSize, cwd } = ociSpec(input).process;
  assert.deepEqual(args, ['/bin/sh', '-c', 'x']);
  assert.ok(env.includes('TERM=xterm'));
  assert.deepEqual(
    { terminal, consoleSize, cwd },
    {
      terminal: true,
      consoleSize: { height: 24, width: 80 },
      cwd: '/w',
    },
  );
});

test('a terminal of size zero is one of unknown size', () => {
  const spec = ociSpec(plainInput({ Tty: true }, { ConsoleSize: [0, 0] }));
  assert.equal('consoleSize' in spec.process, false);
});

test('environment: replaced in place, empty kept, taken away without a value', () => {
  const input = { ...plainInput(), env: ['A=1', 'PATH=/x', 'HOSTNAME', 'A=2=3', 'B='] };
  assert.deepEqual(ociSpec(input).process.env, ['PATH=/x', 'A=2=3', 'B=']);
});

test('capabilities: added, dropped, in any spelling', () => {
  const names = (add: readonly string[], drop: readonly string[]): readonly string[] =>
    ociSpec(plainInput({}, { CapAdd: add, CapDrop: drop })).process.capabilities.bounding;
  assert.deepEqual(names(['net_admin'], ['CAP_MKNOD', 'kill']).slice(-2), [
    'CAP_AUDIT_WRITE',
    'CAP_NET_ADMIN',
  ]);
  assert.equal(names([], ['mknod']).includes('CAP_MKNOD'), false);
  assert.deepEqual(names(['SYS_TIME'], ['all']), ['CAP_SYS_TIME']);
  assert.equal(names(['ALL'], []).length, 41);
  assert.equal(names(['ALL'], ['CHOWN']).length, 40);
});

test('ALL means what the kernel knows', () => {
  const input = plainInput({}, { CapAdd: ['ALL'] });
  const older = { ...input, host: { ...input.host, capabilities: 2n ** 38n - 1n } };
  assert.equal(ociSpec(older).process.capabilities.bounding.length, 38);
});

test('no-new-privileges in each of its spellings', () => {
  const set = (option: string): boolean =>
    ociSpec(plainInput({}, { SecurityOpt: [option] })).process.noNewPrivileges;
  assert.equal(set('no-new-privileges'), true);
  assert.equal(set('no-new-privileges:true'), true);
  assert.equal(set('no-new-privileges=false'), false);
  assert.equal(set('seccomp=unconfined'), false);
});

test('own sysctls override the defaults, the domain name becomes one', () => {
  const sysctl = ociSpec(
    plainInput(
      { Domainname: 'example.org' },
      { Sysctls: { 'net.ipv4.ip_unprivileged_port_start': '80' } },
    ),
  ).linux.sysctl;
  assert.equal(sysctl['net.ipv4.ip_unprivileged_port_start'], '80');
  assert.equal(sysctl['kernel.domainname'], 'example.org');
});

test('a quota of its own stands above what NanoCpus makes', () => {
  const cpu = (fields: object) => ociSpec(plainInput({}, { ...fields })).linux.resources.cpu;
  assert.deepEqual(cpu({ NanoCpus: 5e8 }), { quota: 50_000, period: 100_000 });
  assert.deepEqual(cpu({ NanoCpus: 5e8, CpuQuota: -1 }), { quota: -1, period: 100_000 });
});

test('a target named by --tmpfs is that and nothing else', () => {
  const said = { mode: '', propagation: 'rprivate', readWrite: true, source: '/s' };
  const point = { type: 'bind', destination: '/data', ...said } as const;
  const input = {
    ...plainInput({}, { Tmpfs: { '/data': '' } }),
    placed: [{ point, source: '/s' }],
  };
  const there = ociSpec(input).mounts.filter(({ destination }) => destination === '/data');
  assert.deepEqual(
    there.map(({ type }) => type),
    ['tmpfs'],
  );
});

test('OomScoreAdj and annotations are passed on', () => {
  const spec = ociSpec(plainInput({}, { OomScoreAdj: -7, Annotations: { a: 'b' } }));
  assert.equal(spec.process.oomScoreAdj, -7);
  assert.deepEqual(spec.annotations, { a: 'b' });
});

test('privileged: all capabilities and devices, nothing masked, kernel trees writable', () => {
  const asked = { Privileged: true, MaskedPaths: null, ReadonlyPaths: null };
  const spec = ociSpec(plainInput({}, asked));
  assert.equal(spec.process.capabilities.effective.length, 41);
  assert.deepEqual(spec.linux.resources.devices, [{ allow: true, access: 'rwm' }]);
  assert.deepEqual([...spec.linux.maskedPaths, ...spec.linux.readonlyPaths], []);
  assert.doesNotMatch(mountAt(spec, '/sys'), /ro/);
});

test('privileged: kernel trees stay writable with a read-only root, masks are on demand', () => {
  const spec = (more: object) =>
    ociSpec(plainInput({}, { Privileged: true, ReadonlyRootfs: true, ...more }));
  const own = spec({ MaskedPaths: ['/proc/version'], ReadonlyPaths: ['/proc/sys/kernel'] });
  assert.deepEqual(own.linux.maskedPaths, ['/proc/version']);
  assert.deepEqual(own.linux.readonlyPaths, ['/proc/sys/kernel']);
  for (const target of ['/sys', '/sys/fs/cgroup'])
    assert.doesNotMatch(mountAt(own, target), /\bro\b/);
  const guarded = spec({ SecurityOpt: ['writable-cgroups=false'] });
  assert.match(mountAt(guarded, '/sys/fs/cgroup'), /\bro\b/);
});
