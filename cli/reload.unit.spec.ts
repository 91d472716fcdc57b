/** What a reload of the file changes, keeps, and refuses. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Flags, parseFlags } from './config/flags.ts';
import { OPTION_NAMES, OPTIONS } from './config/table.ts';
import { type Options, parseOptions } from './options.ts';
import { type Reloaded, reloaded } from './reload.ts';

const FILE = '/etc/shiplog/daemon.json';
const reading = (file: unknown) => (path: string) =>
  path === FILE ? JSON.stringify(file) : undefined;

function start(file: unknown, argv: readonly string[] = []): { options: Options; flags: Flags } {
  const parsed = parseOptions(argv, reading(file));
  assert.equal(parsed.kind, 'run');
  return { options: parsed.options, flags: parseFlags(argv) };
}

function reload(before: unknown, after: unknown, argv: readonly string[] = []): Reloaded {
  const { options, flags } = start(before, argv);
  return reloaded(options, flags, reading(after));
}

test('what is live changes, and is named', () => {
  const runtimes = { x: { path: '/x' } };
  const { options, changed, atRestart } = reload(
    { labels: ['a=b'] },
    { labels: ['c=d'], debug: true, runtimes, 'default-runtime': 'x', 'shutdown-timeout': 3 },
  );
  const names = ['debug', 'labels', 'shutdown-timeout', 'runtimes', 'default-runtime'];
  assert.deepEqual([changed, atRestart], [names, []]);
  assert.deepEqual(
    [options.labels, options.logLevel, options.runtimes],
    [['c=d'], 'debug', runtimes],
  );
  assert.deepEqual([options.defaultRuntime, options.shutdownTimeoutMs], ['x', 3_000]);
  assert.ok(Object.isFrozen(options.runtimes));
});

test('what is not live keeps its value, and is named', () => {
  const hosts = ['unix:///a'];
  const { options, changed, atRestart } = reload(
    { mtu: 1400, hosts },
    { bip: '10.0.0.1/8', hosts },
  );
  assert.deepEqual([changed, atRestart], [[], ['bip', 'mtu']]);
  assert.deepEqual([options.network.mtu, options.network.bip], [1400, null]);
});

test('what the file lacks, or leaves empty, keeps its value, as with dockerd', () => {
  const before = { labels: ['a=b'], runtimes: { x: { path: '/x' } }, 'default-runtime': 'x' };
  for (const after of [{}, { 'default-runtime': '' }]) {
    const { options, changed } = reload(before, after);
    assert.deepEqual([changed, options.defaultRuntime], [[], 'x']);
    assert.deepEqual(Object.keys(options.runtimes), ['x']);
  }
});

test('an empty object removes all runtimes but those of flags; the map is replaced whole', () => {
  const argv = ['--add-runtime', 'f=/f'];
  const before = { runtimes: { x: { path: '/x' } } };
  const names = (after: object) => Object.keys(reload(before, after, argv).options.runtimes);
  assert.deepEqual(names({ runtimes: {} }), ['f']);
  assert.deepEqual(names({ runtimes: { y: { path: '/y' } } }), ['f', 'y']);
  assert.deepEqual(names({}), ['f', 'x']);
});

test('features, and how often a registry is tried, fall back when they are absent', () => {
  const before = { features: { a: true }, 'max-concurrent-downloads': 9 };
  const { options, changed } = reload(before, {});
  assert.deepEqual(changed, ['features', 'max-concurrent-downloads']);
  assert.deepEqual([options.features, options.registries.concurrentDownloads], [{}, 3]);
});

test('a flag holds through reloads, and can not be in the file as well', () => {
  assert.deepEqual(reload({}, {}, ['--label', 'a=b', '-D']).options.labels, ['a=b']);
  assert.throws(
    () => reload({}, { labels: ['c=d'] }, ['--label', 'a=b']),
    /labels: \(from flag: \[a=b\], from file: \[c=d\]\)/,
  );
});

for (const [after, said] of [
  [{ runtimes: {}, bogus: 1 }, /configuration option: bogus/],
  [{ runtimes: { runc: { path: '/x' } } }, /reserved/],
  [{ 'default-runtime': 'gone' }, /specified default runtime 'gone' does not exist/],
  [{ runtimes: {} }, /specified default runtime 'x' does not exist/],
  [{ mtu: -1 }, /invalid default MTU/],
  [{ 'live-restore': false }, /always on/],
] as const) {
  test(`${JSON.stringify(after)} is refused`, () => {
    const before = { runtimes: { x: { path: '/x' } }, 'default-runtime': 'x' };
    assert.throws(() => reload(before, after), said);
  });
}

test('a file that is gone changes nothing; one that was named must be there', () => {
  const gone = () => undefined;
  const kept = start({ labels: ['a=b'] });
  assert.deepEqual(reloaded(kept.options, kept.flags, gone).options.labels, ['a=b']);
  const named = start({}, ['--config-file', FILE]);
  assert.throws(() => reloaded(named.options, named.flags, gone), /no such file/);
});

test('the profile of seccomp stays as it was read at the start', () => {
  const files = new Map([
    [FILE, '{"seccomp-profile":"/p"}'],
    ['/p', '{"a":1}'],
  ]);
  const read = (path: string) => files.get(path);
  const parsed = parseOptions([], read);
  assert.equal(parsed.kind, 'run');
  files.set('/p', '{"a":2}');
  const { options } = reloaded(parsed.options, parsed.flags, read);
  assert.deepEqual(options.defaults.seccomp, { kind: 'file', path: '/p', text: '{"a":1}' });
});

test('every option is live or is not, whatever it is', () => {
  assert.ok(OPTION_NAMES.some((name) => OPTIONS[name].live));
  for (const name of [
    'hosts',
    'data-root',
    'exec-opts',
    'seccomp-profile',
    'log-driver',
  ] as const) {
    assert.equal(OPTIONS[name].live, undefined, name);
  }
});
