/** Names of runtimes: what resolves, to what, and what must never reach containerd. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { LockedRuntime } from '../../machines/container.config.ts';
import type { JsonObject } from '../../machines/words.ts';
import { runtimeOf } from '../container/lockedRuntime.ts';
import { decodeMessage } from '../containerd/any.ts';
import { prepareRuntimes } from './prepare.ts';
import { hasOptions, resolveRuntime } from './resolve.ts';
import { type GivenRuntime, type RuntimeTable, runtimeTable } from './table.ts';
import { toToml } from './toml.ts';
import { removeWrappersBut, wrapperOf, writeWrapper } from './wrapper.ts';

const dir = mkdtempSync(join(tmpdir(), 'shiplog-runtimes-'));
after(() => rmSync(dir, { recursive: true }));

const settings = {
  execRoot: '/run/shiplog',
  cgroupDriver: 'cgroupfs',
  wrappers: join(dir, 'wrappers'),
  noPivotRoot: false,
} as const;

const tableOf = (given: Readonly<Record<string, GivenRuntime>> = {}): RuntimeTable =>
  runtimeTable(given, 'runc', settings);

function locked(name: string, table: RuntimeTable): LockedRuntime {
  const resolved = resolveRuntime(name, table);
  assert.equal(resolved.kind, 'found', name);
  return resolved.runtime;
}

for (const name of ['', 'runc', 'io.containerd.runc.v2']) {
  test(`"${name}" is runc under containerd's own shim`, () => {
    assert.deepEqual(locked(name, tableOf()), {
      name: name === '' ? 'runc' : name,
      shim: 'io.containerd.runc.v2',
      options: { binaryName: 'runc', root: '/run/shiplog/runtime-runc', systemdCgroup: false },
    });
  });
}

test('the empty name is the default runtime', () => {
  const table = runtimeTable({ x: { path: '/bin/x' } }, 'x', settings);
  assert.deepEqual([locked('', table).name, locked('', table).options.binaryName], ['x', '/bin/x']);
});

test('with the systemd driver, and on a disk of memory, the shim is told so', () => {
  const told = { ...settings, cgroupDriver: 'systemd', noPivotRoot: true } as const;
  const { options } = locked('runc', runtimeTable({}, 'runc', told));
  assert.deepEqual([options.systemdCgroup, options.noPivotRoot], [true, true]);
});

for (const name of ['a.b', 'a..', 'io.containerd.kata.v2']) {
  test(`"${name}" goes to containerd as it is, without options`, () => {
    const runtime = locked(name, tableOf());
    assert.equal(runtime.shim, name);
    assert.equal(hasOptions(runtime), false);
    assert.deepEqual(runtimeOf(runtime), { name });
  });
}

for (const name of ['kata', '.hidden', '/usr/bin/shim', '../x.y', 'a/b.c', './a.b', '/a.b']) {
  test(`"${name}" does not resolve`, () => {
    assert.deepEqual(resolveRuntime(name, tableOf()), { kind: 'unknown' });
  });
}

const ofType = (runtimeType: string, options?: JsonObject): LockedRuntime =>
  locked('x', tableOf({ x: options === undefined ? { runtimeType } : { runtimeType, options } }));

test('options of runc’s shim go by field, in any case of letters; nothing is preset', () => {
  const given = { BinaryName: '/b', systemdcgroup: true, IOUID: 7, CriuWorkPath: '/c', Bogus: 1 };
  const { name, options } = runtimeOf(ofType('io.containerd.runc.v2', given));
  assert.equal(name, 'io.containerd.runc.v2');
  assert.equal(options?.typeUrl, 'containerd.runc.v1.Options');
  const fields = options === undefined ? undefined : decodeMessage(options);
  assert.deepEqual(
    { ...fields },
    {
      no_pivot_root: false,
      no_new_keyring: false,
      shim_cgroup: '',
      io_uid: 7,
      io_gid: 0,
      binary_name: '/b',
      root: '',
      systemd_cgroup: true,
      criu_image_path: '',
      criu_work_path: '/c',
    },
  );
  assert.deepEqual(runtimeOf(ofType('io.containerd.runc.v2')), { name: 'io.containerd.runc.v2' });
});

/** The generic message as text. */
function generic(runtime: LockedRuntime): Record<string, string> {
  const { options } = runtimeOf(runtime);
  assert.equal(options?.typeUrl, 'runtimeoptions.v1.Options');
  const fields = Object.entries(decodeMessage(options) ?? {});
  return Object.fromEntries(fields.map(([name, value]) => [name, String(value)]));
}

test('options of another shim are the generic message, as containerd’s CRI fills it', () => {
  const kata = { ConfigPath: '/etc/kata.toml', TypeUrl: 'io.kata' };
  assert.deepEqual(generic(ofType('io.containerd.kata.v2', kata)), {
    type_url: 'io.kata',
    config_path: '/etc/kata.toml',
    config_body: '',
  });
  const runsc = {
    TypeUrl: 'io.containerd.runsc.v1.options',
    shim_debug: true,
    runsc_config: { a: 'b' },
  };
  assert.deepEqual(generic(ofType('io.containerd.runsc.v1', runsc)), {
    type_url: 'io.containerd.runsc.v1.options',
    config_path: '',
    config_body:
      'TypeUrl = "io.containerd.runsc.v1.options"\nshim_debug = true\n\n[runsc_config]\na = "b"\n',
  });
});

test('JSON becomes TOML', () => {
  const given = { 'a b': [1, 2.5, null], t: [{ x: 'q"\n' }, { y: [{ z: true }] }], n: null };
  assert.equal(
    toToml({ ...given, deep: { er: { v: 'ü' } }, empty: [] }),
    '"a b" = [1, 2.5]\nempty = []\n\n[[t]]\nx = "q\\"\\n"\n\n[[t]]\n\n[[t.y]]\nz = true\n' +
      '\n[deep]\n\n[deep.er]\nv = "ü"\n',
  );
});

for (const [options, said] of [
  [{ Root: 1 }, 'runtime x: options.Root must be a string'],
  [{ systemdCgroup: 'yes' }, 'runtime x: options.systemdCgroup must be true or false'],
  [{ IoUid: -1 }, 'runtime x: options.IoUid must be a whole number from 0 to 4294967295'],
] as const) {
  test(`options ${JSON.stringify(options)} do not fit`, () => {
    const given = { x: { runtimeType: 'io.containerd.runc.v2', options } };
    assert.throws(() => tableOf(given), { name: 'RuntimeConfigError', message: said });
  });
}

test('a path of the shim of another shim’s options must be a text', () => {
  const given = { x: { runtimeType: 'a.b', options: { ConfigPath: 1 } } };
  assert.throws(() => tableOf(given), {
    message: 'runtime x: options.ConfigPath must be a string',
  });
});

test('arguments reach the runtime one by one, whatever is in them', () => {
  const args = ['--a', 'two words', "it's", '"', '$HOME `id` \\', '', 'new\nline', '*'];
  const quoted = wrapperOf(dir, '/usr/bin/printf', ['%s|', ...args]);
  writeWrapper(dir, quoted);
  const said = execFileSync(quoted.file, ['--last', 'x y'], { encoding: 'utf8' });
  assert.equal(said, [...args, '--last', 'x y', ''].join('|'));
});

test('what dockerd would leave to a shell is told', () => {
  const { warnings } = tableOf({ x: { path: '/x', runtimeArgs: ['--a b', '--plain=/x', '$y'] } });
  assert.equal(warnings.length, 2);
  assert.match(warnings[0] ?? '', /runtime x: "--a b" is passed on as one argument/);
});

test('a script is named by its content, not writable, and written once', () => {
  const wrappers = join(dir, 'once');
  const wrapper = wrapperOf(wrappers, '/bin/true', ['--x']);
  writeWrapper(wrappers, wrapper);
  const { mode, ino } = statSync(wrapper.file);
  assert.equal(mode & 0o777, 0o500);
  assert.equal(readFileSync(wrapper.file, 'utf8'), '#!/bin/sh\nexec /bin/true --x "$@"\n');
  writeWrapper(wrappers, wrapper);
  assert.equal(statSync(wrapper.file).ino, ino);
  chmodSync(wrapper.file, 0o700);
  writeFileSync(wrapper.file, 'cut o');
  writeWrapper(wrappers, wrapper);
  assert.equal(readFileSync(wrapper.file, 'utf8'), wrapper.content, 'a damaged one is made anew');
  assert.deepEqual(readdirSync(wrappers), [wrapper.sha256]);
});

test('stale scripts go, kept ones and what is not ours stay', () => {
  const wrappers = join(dir, 'stale');
  const [kept, stale] = ['--a', '--b'].map((word) => wrapperOf(wrappers, '/bin/true', [word]));
  assert.ok(kept !== undefined && stale !== undefined);
  for (const wrapper of [kept, stale]) writeWrapper(wrappers, wrapper);
  writeFileSync(join(wrappers, 'README'), '');
  assert.deepEqual(removeWrappersBut(wrappers, new Set([kept.sha256])), [stale.sha256]);
  assert.deepEqual(readdirSync(wrappers).toSorted(), ['README', kept.sha256].toSorted());
});

test('a runtime with arguments is locked with its script, and must be there', async () => {
  const table = tableOf({
    there: { path: 'true', runtimeArgs: ['--x'] },
    missing: { path: '/no/such', runtimeArgs: ['--x'] },
    unfound: { path: 'no-such-runtime', runtimeArgs: ['--x'] },
    bare: { path: '/no/such' },
  });
  const { features, warnings } = await prepareRuntimes(table, settings.wrappers, new Map());
  const { wrapper, options } = locked('there', table);
  assert.deepEqual([wrapper?.path, wrapper?.arguments], ['true', ['--x']]);
  assert.equal(options.binaryName, join(settings.wrappers, wrapper?.sha256 ?? ''));
  assert.ok(existsSync(options.binaryName));
  const looking = 'error while looking up the specified runtime path: ';
  assert.deepEqual(resolveRuntime('missing', table), {
    kind: 'missing',
    message: `${looking}exec: "/no/such": stat /no/such: no such file or directory`,
  });
  assert.deepEqual(resolveRuntime('unfound', table), {
    kind: 'missing',
    message: `${looking}exec: "no-such-runtime": executable file not found in $PATH`,
  });
  assert.equal(locked('bare', table).options.binaryName, '/no/such', 'containerd says so at start');
  assert.deepEqual(warnings.map((text) => text.split(':')[0]).toSorted(), [
    'runtime bare',
    'runtime missing',
    'runtime unfound',
  ]);
  assert.equal(features.has('there'), false, 'it prints nothing');
});

test('features are what the program tells, asked once while it stays as it is', async () => {
  const program = join(dir, 'tells');
  const script = `#!/bin/sh\necho "$@" >>${dir}/asked\necho '{ "mountOptions": ["rro"] }'\n`;
  writeFileSync(program, script, { mode: 0o700 });
  const table = tableOf({ a: { path: program }, b: { path: program, runtimeArgs: ['--x'] } });
  const cache = new Map();
  for (const _ of [1, 2]) {
    const { features } = await prepareRuntimes(table, settings.wrappers, cache);
    assert.equal(features.get('a'), '{"mountOptions":["rro"]}');
    assert.equal(features.get('b'), '{"mountOptions":["rro"]}');
  }
  const asked = readFileSync(`${dir}/asked`, 'utf8').trim().split('\n').toSorted();
  assert.deepEqual(asked, ['--x features', 'features']);
  const nothing = await prepareRuntimes(tableOf(), settings.wrappers, cache);
  assert.equal(nothing.features.has('a'), false);
});
