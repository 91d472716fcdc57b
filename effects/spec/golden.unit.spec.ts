/**
 * The OCI specs of a fixed set of requests, as files to read: effects/spec/golden. Written anew by
 * SHIPLOG_WRITE_GOLDEN=1, to be read before they are kept. Of a seccomp profile they show how much
 * it holds: its own specs say which calls these are.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { DEFAULTS, plainInput } from './fixture.ts';
import { ociSpec } from './spec.ts';
import type { SpecInput } from './types.ts';

const builtin = { ...DEFAULTS, seccomp: { kind: 'builtin' } } as const;
const plain = (...given: Parameters<typeof plainInput>): SpecInput => ({
  ...plainInput(...given),
  defaults: builtin,
});
const on = (input: SpecInput, host: Partial<SpecInput['host']>): SpecInput => ({
  ...input,
  host: { ...input.host, ...host },
});
const SYSTEMD = { cgroup: { version: 2, driver: 'systemd' } } as const;
const LIMITS = {
  Memory: 67_108_864,
  MemorySwap: 134_217_728,
  MemoryReservation: 33_554_432,
  NanoCpus: 1_500_000_000,
  CpuShares: 512,
  CpusetCpus: '0-1',
  PidsLimit: 100,
  BlkioDeviceReadBps: [{ Path: '/dev/vda', Rate: 1_048_576 }],
  Ulimits: [{ Name: 'nofile', Soft: 1024, Hard: -1 }],
  OomScoreAdj: 100,
};
const node = { path: '/dev/fuse', type: 'c', major: 10, minor: 229, fileMode: 0o666 } as const;
const fuse = { ...node, uid: 0, gid: 0 };

const REQUESTS: Readonly<Record<string, SpecInput>> = {
  plain: plain(),
  limits: plain({}, LIMITS),
  'limits-systemd-cgroup2': on(plain({}, { ...LIMITS, CgroupnsMode: '' }), SYSTEMD),
  privileged: {
    ...plain({}, { Privileged: true, MaskedPaths: null, ReadonlyPaths: null }),
    devices: { nodes: [fuse], rules: [] },
  },
  hardened: plain(
    { User: 'web', WorkingDir: '/srv' },
    { CapDrop: ['ALL'], ReadonlyRootfs: true, SecurityOpt: ['no-new-privileges'] },
  ),
  'host-namespaces': {
    ...plain({}, { NetworkMode: 'host', PidMode: 'host', IpcMode: 'host', UTSMode: 'host' }),
    sharedMemory: '/dev/shm',
  },
  'joined-namespaces': {
    ...plain({}, { PidMode: 'container:d', IpcMode: 'container:d' }),
    sharedMemory: '/run/shiplog/shm/d',
    donors: {
      pid: { container: 'd', run: 1, pid: 4711, startTime: '77' },
      ipc: { container: 'd', run: 1, pid: 4711, startTime: '77', shm: 'd' },
    },
  },
  'init-and-terminal': { ...plain({ Tty: true }, { Init: true }), init: '/usr/bin/docker-init' },
  apparmor: on(plain(), { appArmor: { active: true, defaultProfile: 'docker-default' } }),
};

function shown(input: SpecInput): string {
  const { linux, ...rest } = ociSpec(input);
  const { seccomp, ...others } = linux;
  const calls = seccomp?.syscalls.flatMap(({ names }) => names).length;
  const numbers = { ...seccomp, syscalls: `${calls} names in ${seccomp?.syscalls.length} rules` };
  const profile = seccomp === undefined ? {} : { seccomp: numbers };
  return `${JSON.stringify({ ...rest, linux: { ...others, ...profile } }, bigints, 2)}\n`;
}

const bigints = (_: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value);

for (const [name, input] of Object.entries(REQUESTS)) {
  test(`the spec of the request ${name} is the golden one`, () => {
    const file = new URL(`./golden/${name}.json`, import.meta.url);
    if (process.env['SHIPLOG_WRITE_GOLDEN'] === '1') writeFileSync(file, shown(input));
    assert.equal(shown(input), readFileSync(file, 'utf8'));
  });
}
