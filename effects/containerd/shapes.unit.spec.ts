import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EffectFailure } from '../failure.ts';
import { decodeJson, decodeMessage, encodeMessage, encodeRuncOptions, encodeSpec } from './any.ts';
import {
  ContainerdError,
  isContainerdError,
  toContainerdError,
  toEffectFailure,
} from './errors.ts';
import { managedConfig, managedPaths } from './managed.config.ts';
import { namespaceOf } from './namespace.ts';
import { method } from './proto.ts';
import { readBody } from './services/events.ts';
import { toNs } from './timestamps.ts';

test('times are nanoseconds, and Go’s year 1 is no time', () => {
  assert.equal(toNs({ seconds: '1700000000', nanos: 7 }), 1_700_000_000_000_000_007n);
  assert.equal(toNs({ seconds: '-62135596800', nanos: 0 }), null);
  assert.equal(toNs({ seconds: '0', nanos: 0 }), 0n);
  assert.equal(toNs(null), null);
});

test('a specification travels as JSON under its bare name', () => {
  const any = encodeSpec({ ociVersion: '1.0.2', hostname: 'ö' });
  assert.equal(any.typeUrl, 'types.containerd.io/opencontainers/runtime-spec/1/Spec');
  assert.deepEqual(decodeJson(any), { ociVersion: '1.0.2', hostname: 'ö' });
});

test('options of runc are encoded by field number, absent ones not at all', () => {
  const any = encodeRuncOptions({ binaryName: 'runc', systemdCgroup: true });
  assert.equal(any.typeUrl, 'containerd.runc.v1.Options');
  assert.equal(any.value.toString('hex'), '320472756e634801');
  assert.equal(encodeRuncOptions({}).value.length, 0);
  assert.equal(Reflect.get(decodeMessage(any) ?? {}, 'binary_name'), 'runc');
});

test('gRPC’s codes become ours, with containerd’s own text', () => {
  const grpc = Object.assign(new Error('5 NOT_FOUND: no such'), { code: 5, details: 'no such' });
  const error = toContainerdError(grpc);
  assert.deepEqual([error.code, error.message], ['not-found', 'no such']);
  assert.equal(toContainerdError(error), error);
  assert.ok(isContainerdError(error, 'already-exists', 'not-found'));
  assert.ok(!isContainerdError(error, 'already-exists'));
  assert.ok(!isContainerdError(grpc));
  const odd = Object.assign(new Error('?'), { code: 99 });
  assert.equal(toContainerdError(odd).code, 'unknown');
  assert.equal(toContainerdError('text').message, 'text');
});

test('an effect fails, or has to be looked at again', () => {
  const kindOf = (code: ContainerdError['code'], text = '') =>
    toEffectFailure(new ContainerdError(code, text)).kind;
  assert.equal(kindOf('unavailable'), 'unavailable');
  assert.equal(kindOf('deadline'), 'deadline');
  assert.equal(kindOf('cancelled'), 'deadline');
  assert.equal(kindOf('unknown', 'OCI runtime create failed'), 'failed');
  assert.equal(kindOf('unknown', 'ttrpc: closed: unknown'), 'deadline');
  assert.equal(kindOf('not-found'), 'failed');
  const own = new EffectFailure('unavailable', 'x');
  assert.equal(toEffectFailure(own), own);
  assert.equal(toEffectFailure(new Error('disk full')).kind, 'failed');
});

test('events that we know are decoded, others are passed on', () => {
  const exit = encodeMessage('containerd.events.TaskExit', {
    container_id: 'c',
    id: 'e',
    pid: 7,
    exit_status: 137,
    exited_at: { seconds: '1', nanos: 2 },
  });
  assert.deepEqual(readBody(exit), {
    kind: 'task-exit',
    containerId: 'c',
    id: 'e',
    pid: 7,
    exitStatus: 137,
    exitedAtNs: 1_000_000_002n,
  });
  const other = { typeUrl: 'containerd.events.ImageCreate', value: Buffer.from([1]) };
  assert.deepEqual(readBody(other), { kind: 'other', payload: other });
  const strange = { typeUrl: 'containerd.events.constructor', value: Buffer.alloc(0) };
  assert.equal(readBody(strange).kind, 'other');
});

test('a namespace’s name depends on the daemon alone', () => {
  assert.match(namespaceOf('a'), /^shiplog-[0-9a-f]{12}$/);
  assert.equal(namespaceOf('a'), namespaceOf('a'));
  assert.notEqual(namespaceOf('a'), namespaceOf('b'));
});

test('the configuration quotes paths and opens no port', () => {
  const text = managedConfig(managedPaths('/data "x"', '/run/x'), 'debug');
  assert.match(text, /^root = "\/data \\"x\\"\/containerd"$/m);
  assert.match(text, /^ {2}address = "\/run\/x\/containerd\/containerd.sock"$/m);
  assert.match(text, /io\.containerd\.grpc\.v1\.cri/);
  assert.doesNotMatch(text, /tcp/);
});

test('a method that our files lack is a bug of ours', () => {
  assert.equal(method('tasks.v1.Tasks', 'Wait').path, '/containerd.services.tasks.v1.Tasks/Wait');
  assert.throws(() => method('tasks.v1.Tasks', 'Dance'), /no method/);
});
