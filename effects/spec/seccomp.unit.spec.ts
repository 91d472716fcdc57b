/** Profiles: the built-in one by capability, architecture and kernel, and those of users. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainInput } from './fixture.ts';
import { BUILTIN, BUILTIN_WITHOUT_X32 } from './seccomp.builtin.ts';
import { HIGHEST_FIRST } from './seccomp.order.ts';
import { parseProfile, seccompOf } from './seccomp.ts';
import { ociSpec } from './spec.ts';

const host = { architecture: 'x86_64', kernelVersion: '6.1.0-13-amd64', capabilities: [] };
const allowed = (changes: object = {}): ReadonlySet<string> => {
  const { syscalls } = seccompOf(BUILTIN, { ...host, ...changes });
  const plain = syscalls.filter(({ action, args }) => action === 'SCMP_ACT_ALLOW' && !args);
  return new Set(plain.flatMap(({ names }) => names));
};

test('what a container needs is allowed, what reaches beyond it is not', () => {
  const calls = allowed();
  for (const name of ['read', 'openat', 'futex', 'execve', 'accept4', 'statx', 'arch_prctl'])
    assert.ok(calls.has(name), name);
  for (const name of ['mount', 'unshare', 'reboot', 'bpf', 'io_uring_setup', 'keyctl', 'clone3'])
    assert.ok(!calls.has(name), name);
});

test('each name stands in it once', () => {
  const [first] = seccompOf(BUILTIN, host).syscalls;
  assert.equal(new Set(first?.names).size, first?.names.length);
  assert.ok((first?.names.length ?? 0) > 350);
});

test('all that is always allowed has its place in the order, once', () => {
  const [first] = seccompOf(BUILTIN, host).syscalls;
  assert.deepEqual(first?.names, HIGHEST_FIRST);
  assert.equal(new Set(HIGHEST_FIRST).size, HIGHEST_FIRST.length);
});

test('a capability brings the calls that need it', () => {
  assert.ok(allowed({ capabilities: ['CAP_SYS_ADMIN'] }).has('mount'));
  assert.ok(allowed({ capabilities: ['CAP_SYS_ADMIN'] }).has('clone3'));
  assert.ok(allowed({ capabilities: ['CAP_BPF'] }).has('bpf'));
  assert.ok(!allowed({ capabilities: ['CAP_BPF'] }).has('mount'));
});

test('without SYS_ADMIN clone makes no namespaces, and clone3 is not there', () => {
  const { syscalls } = seccompOf(BUILTIN, host);
  const clone = syscalls.find(({ names }) => names.includes('clone'));
  assert.equal(clone?.args?.[0]?.value, 0x7e020000);
  assert.equal(syscalls.find(({ names }) => names.includes('clone3'))?.errnoRet, 38);
  const s390 = seccompOf(BUILTIN, { ...host, architecture: 's390x' }).syscalls;
  assert.equal(s390.find(({ names }) => names.includes('clone'))?.args?.[0]?.index, 1);
});

test('a kernel without x32 gets a filter without it, and all else as it is', () => {
  const without = seccompOf(BUILTIN_WITHOUT_X32, host);
  const architectures = ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'];
  assert.deepEqual(without, { ...seccompOf(BUILTIN, host), architectures });
});

test('architecture and kernel decide', () => {
  assert.deepEqual(seccompOf(BUILTIN, { ...host, architecture: 'aarch64' }).architectures, [
    'SCMP_ARCH_AARCH64',
    'SCMP_ARCH_ARM',
  ]);
  assert.ok(allowed({ architecture: 'aarch64' }).has('cacheflush'));
  assert.ok(!allowed({ architecture: 'aarch64' }).has('arch_prctl'));
  assert.ok(allowed().has('ptrace'));
  assert.ok(!allowed({ kernelVersion: '4.4.0' }).has('ptrace'));
});

const profileOf = (SecurityOpt: readonly string[], more: object = {}) =>
  ociSpec({
    ...plainInput({}, { SecurityOpt, ...more }),
    defaults: { noNewPrivileges: true, seccomp: { kind: 'builtin' }, ulimits: {} },
  }).linux.seccomp;

test('which profile: the built-in one, none, or that of the caller', () => {
  assert.equal(profileOf([])?.defaultAction, 'SCMP_ACT_ERRNO');
  assert.equal(profileOf(['seccomp=unconfined']), undefined);
  assert.equal(profileOf([], { Privileged: true }), undefined);
  assert.ok(profileOf(['seccomp=builtin'], { Privileged: true }));
  const own = profileOf([`seccomp=${JSON.stringify({ defaultAction: 'SCMP_ACT_LOG' })}`]);
  assert.deepEqual(own, { defaultAction: 'SCMP_ACT_LOG', syscalls: [] });
});

const BAD: readonly (readonly [string, RegExp])[] = [
  ['{bad', /^decoding seccomp profile failed: /],
  ['3', /decoding seccomp profile failed/],
  ['{"defaultAction":"x","syscalls":{}}', /decoding seccomp profile failed/],
  [
    '{"defaultAction":"x","architectures":["A"],"archMap":[{"architecture":"A"}]}',
    /both 'architectures' and 'archMap'/,
  ],
  [
    '{"defaultAction":"x","syscalls":[{"name":"a","names":["b"],"action":"y"}]}',
    /use either 'name'/,
  ],
];

for (const [text, why] of BAD) {
  test(`the profile ${text} is refused`, () => {
    assert.throws(() => seccompOf(parseProfile(text), host), { name: 'BadProfile', message: why });
  });
}
