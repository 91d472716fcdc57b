/** One valid fact and command of each type, for specs, the decision table and the diagrams. */
import type { ContainerCommand } from './container.commands.ts';
import type { ContainerConfig, HostConfig, LockedRuntime } from './container.config.ts';
import type { ContainerFact } from './container.facts.ts';
import type { ExecCommand } from './exec.commands.ts';
import type { ExecConfig, ExecFact } from './exec.facts.ts';
import type { HealthCheck } from './health.check.ts';
import type { HealthFact } from './health.facts.ts';
import type { ImageCommand } from './image.commands.ts';
import type { ImageFact, StagedImage } from './image.facts.ts';
import type { NetworkCommand } from './network.commands.ts';
import type { NetworkConfig } from './network.config.ts';
import type { NetworkFact } from './network.facts.ts';
import type { TaskFact } from './task.facts.ts';

export const ID = 'c'.repeat(64);

export const runtime: LockedRuntime = {
  name: 'runc',
  shim: 'io.containerd.runc.v2',
  options: { binaryName: 'runc', root: '/run/x/runtime-runc', systemdCgroup: false },
};

export const config: ContainerConfig = {
  Hostname: 'cccccccccccc',
  Domainname: '',
  User: '',
  AttachStdin: false,
  AttachStdout: true,
  AttachStderr: true,
  Tty: false,
  OpenStdin: false,
  StdinOnce: false,
  Cmd: ['true'],
  Entrypoint: null,
  Image: 'busybox',
  WorkingDir: '',
  Labels: { tier: 'web' },
};

export const hostConfig: HostConfig = {
  NetworkMode: 'none',
  AutoRemove: false,
  IpcMode: 'private',
  PidMode: '',
  UTSMode: '',
  CgroupnsMode: 'host',
  CgroupParent: '',
  ReadonlyRootfs: false,
  Runtime: 'runc',
  ShmSize: 67108864,
  MaskedPaths: [],
  ReadonlyPaths: [],
  LogConfig: { Type: 'json-file', Config: {} },
  RestartPolicy: { Name: 'no', MaximumRetryCount: 0 },
};

const image = { id: `sha256:${'1'.repeat(64)}`, chainId: `sha256:${'2'.repeat(64)}` };
const adoptedData = {
  id: ID,
  name: 'web',
  image: { id: '', chainId: '' },
  config,
  hostConfig,
  platform: 'linux/amd64',
  unknown: ['environment'],
};
const exit = {
  code: 0,
  atNs: '1700000000000000000',
  oomKilled: false,
  oomKills: 0,
  outputEnded: true,
  evidence: 'task status STOPPED',
};

const network = 'e'.repeat(64);
const attachment = { network: 'front', aliases: ['db'] };
const endpoint = {
  name: 'front',
  network,
  driver: 'bridge',
  id: 'f'.repeat(64),
  link: 'eth0',
  mac: '02:42:0a:01:00:02',
  ipv4: '10.1.0.2',
  ipv6: null,
  gateway4: true,
  gateway6: false,
  ports: [{ protocol: 'tcp' as const, hostIp: '0.0.0.0', hostPort: 8080, containerPort: 80 }],
};
export const networkConfig: NetworkConfig = {
  id: network,
  name: 'front',
  driver: 'bridge',
  predefined: false,
  enableIPv6: false,
  internal: false,
  attachable: false,
  pools: [
    { subnet: '10.1.0.0/24', ipRange: null, gateway: '10.1.0.1', auxiliary: {}, chosen: true },
  ],
  ipam: { Driver: 'default', Options: null },
  options: {},
  labels: {},
  bridge: 'sl12345b1234567',
  hostIPv6: false,
};

export const networkFacts: readonly NetworkFact[] = [
  { type: 'network.create-requested', data: networkConfig },
  { type: 'network.created', data: {} },
  { type: 'network.create-failed', data: { message: 'ip: no permission' } },
  { type: 'network.remove-requested', data: { prune: false } },
  { type: 'network.removed', data: {} },
  { type: 'network.remove-failed', data: { message: 'ip: busy' } },
];

const { pools: _pools, ...plainNetwork } = networkConfig;
export const networkCommands: Readonly<Record<string, NetworkCommand>> = {
  create: {
    type: 'create-network',
    ...plainNetwork,
    asked: [],
    pools: [{ base: '10.1.0.0/16', size: 24 }],
    routes: [],
  },
  remove: { type: 'remove-network', id: network, prune: false },
};

/** Every fact of a container; several of a type where the data decides about the transition. */
export const containerFacts: readonly ContainerFact[] = [
  {
    type: 'container.create-requested',
    data: {
      id: ID,
      name: 'web',
      image,
      config,
      hostConfig,
      env: [],
      platform: 'linux/amd64',
      warnings: [],
    },
  },
  { type: 'container.created', data: { snapshotter: 'overlayfs' } },
  { type: 'container.create-failed', data: { message: 'no space left on device' } },
  { type: 'container.adopt-requested', data: adoptedData },
  { type: 'container.adopted', data: { run: 1, alive: true, pid: 77, atNs: null } },
  { type: 'container.adopted', data: { run: 1, alive: false, pid: 0, atNs: null } },
  { type: 'container.adopt-failed', data: { message: 'no such record' } },
  { type: 'container.adopt-failed', data: { message: 'no such record', again: true } },
  { type: 'container.start-requested', data: { run: 1, runtime, restart: false, policy: false } },
  {
    type: 'container.start-requested',
    data: { run: 1, runtime, restart: false, policy: false, endpoints: [endpoint] },
  },
  { type: 'container.attachment-added', data: { attachment } },
  { type: 'container.attachment-removed', data: { network, name: 'front' } },
  { type: 'container.connect-requested', data: { run: 1, attachment, endpoint } },
  { type: 'container.connected', data: { run: 1, network } },
  { type: 'container.connect-failed', data: { run: 1, network, message: 'ip: no such device' } },
  { type: 'container.disconnect-requested', data: { run: 1, network } },
  { type: 'container.disconnected', data: { run: 1, network } },
  {
    type: 'container.disconnect-failed',
    data: { run: 1, network, message: 'ip: no such device' },
  },
  { type: 'container.started', data: { run: 1, pid: 77, restart: false, atNs: null } },
  { type: 'container.start-failed', data: { run: 1, message: 'no such file', exitCode: 127 } },
  { type: 'container.start-refused', data: { message: 'no such runtime', exitCode: 128 } },
  { type: 'container.stop-requested', data: { run: 1, signal: 15, timeoutMs: 10_000 } },
  { type: 'container.stop-requested', data: { run: 1, signal: 15, timeoutMs: null } },
  { type: 'container.stop-timed-out', data: { run: 1 } },
  { type: 'container.stop-failed', data: { run: 1, message: 'no exit event' } },
  { type: 'container.restart-requested', data: { run: 1, signal: 15, timeoutMs: 10_000, runtime } },
  { type: 'container.restart-requested', data: { run: 1, signal: 15, timeoutMs: null, runtime } },
  { type: 'container.kill-requested', data: { run: 1, signal: 9, endsPolicy: true } },
  { type: 'container.kill-requested', data: { run: 1, signal: 1, endsPolicy: false } },
  { type: 'container.signalled', data: { run: 1, signal: 15 } },
  { type: 'container.signal-failed', data: { run: 1, signal: 15, message: 'finished' } },
  { type: 'container.pause-requested', data: { run: 1 } },
  { type: 'container.paused', data: { run: 1 } },
  { type: 'container.pause-failed', data: { run: 1, message: 'frozen' } },
  { type: 'container.unpause-requested', data: { run: 1 } },
  { type: 'container.unpaused', data: { run: 1 } },
  { type: 'container.unpause-failed', data: { run: 1, message: 'frozen' } },
  { type: 'container.exited', data: { run: 1, asked: null, next: null, ...exit } },
  {
    type: 'container.exited',
    data: { run: 1, asked: null, next: { inMs: 100, count: 1 }, ...exit },
  },
  { type: 'container.restart-cancelled', data: { run: 1 } },
  { type: 'container.restart-postponed', data: { run: 1, inMs: 250 } },
  {
    type: 'container.updated',
    data: { restartPolicy: { Name: 'always', MaximumRetryCount: 0 } },
  },
  {
    type: 'container.start-requested',
    data: {
      run: 1,
      runtime,
      restart: false,
      policy: false,
      donors: { pid: { container: 'd'.repeat(64), run: 2, pid: 55, startTime: '7' } },
    },
  },
  { type: 'container.update-requested', data: { run: 1, resources: { CpuShares: 512 } } },
  { type: 'container.updated', data: { resources: { CpuShares: 512 } } },
  { type: 'container.updated', data: { labels: { tier: 'front', old: null } } },
  { type: 'container.update-failed', data: { run: 1, message: 'device or resource busy' } },
  { type: 'container.cleaned', data: { run: 1 } },
  { type: 'container.clean-failed', data: { run: 1, message: 'busy' } },
  { type: 'container.oom-killed', data: { run: 1, kills: 1 } },
  { type: 'container.record-lost', data: { run: 1 } },
  { type: 'container.record-restored', data: { run: 1 } },
  { type: 'container.record-failed', data: { run: 1, message: 'no task' } },
  { type: 'container.remove-requested', data: { reason: 'caller', force: true, volumes: false } },
  { type: 'container.remove-failed', data: { message: 'busy' } },
  { type: 'container.retry-due', data: { step: 'clean' } },
  { type: 'container.retry-due', data: { step: 'erase' } },
  { type: 'container.kill-timed-out', data: { run: 1 } },
  { type: 'container.removed', data: {} },
  { type: 'container.renamed', data: { name: 'web2', oldName: 'web' } },
];

const process = { pid: 77, startTime: '4711', bootId: 'b' };
export const taskFacts: readonly TaskFact[] = [
  { type: 'task.created', data: { container: ID, run: 1, ...process } },
  { type: 'task.started', data: {} },
  { type: 'task.start-failed', data: { message: 'no such file' } },
  { type: 'task.paused', data: {} },
  { type: 'task.resumed', data: {} },
  { type: 'task.exited', data: exit },
  { type: 'task.deleted', data: {} },
  { type: 'task.adopted', data: { container: ID, run: 1, ...process } },
];

export const EXEC = 'e'.repeat(64);
export const execConfig: ExecConfig = {
  Cmd: ['echo', 'hi'],
  User: '',
  WorkingDir: '',
  Privileged: false,
  AttachStdin: false,
  AttachStdout: true,
  AttachStderr: true,
  Tty: false,
  DetachKeys: '',
};
export const execFacts: readonly ExecFact[] = [
  {
    type: 'exec.created',
    data: { execId: EXEC, container: ID, run: 1, config: execConfig, env: [] },
  },
  { type: 'exec.start-requested', data: { detach: false } },
  { type: 'exec.started', data: { pid: 78 } },
  { type: 'exec.start-failed', data: { message: 'no such file', exitCode: 127 } },
  { type: 'exec.exited', data: exit },
  { type: 'exec.cleaned', data: {} },
  { type: 'exec.clean-failed', data: { message: 'busy' } },
  { type: 'exec.retry-due', data: {} },
];
export const execCommands: Readonly<Record<'exec create' | 'exec start', ExecCommand>> = {
  'exec create': { type: 'exec-create', id: ID, execId: EXEC, config: execConfig, env: [] },
  'exec start': { type: 'exec-start', id: ID, execId: EXEC, detach: false },
};

export const healthCheck: HealthCheck = {
  argv: ['/bin/sh', '-c', 'true'],
  intervalMs: 30_000,
  timeoutMs: 30_000,
  startPeriodMs: 0,
  startIntervalMs: 5_000,
  retries: 2,
};
const found = { exitCode: 1, atNs: '1700000000000000000', passed: false };
export const healthFacts: readonly HealthFact[] = [
  {
    type: 'health.watched',
    data: { container: ID, run: 1, check: healthCheck, startedAtNs: null },
  },
  {
    type: 'health.passed',
    data: { ...found, passed: true, exitCode: 0, before: 'starting', status: 'healthy' },
  },
  {
    type: 'health.failed',
    data: { ...found, before: 'starting', status: 'starting', streak: 1 },
  },
  {
    type: 'health.failed',
    data: { ...found, before: 'starting', status: 'unhealthy', streak: 2 },
  },
  { type: 'health.suspended', data: {} },
  { type: 'health.resumed', data: {} },
  { type: 'health.watch-failed', data: { message: 'a bug' } },
  { type: 'health.retry-due', data: {} },
  { type: 'health.ended', data: {} },
  { type: 'health.cleaned', data: { problem: null } },
];

export const stagedImage: StagedImage = {
  ...image,
  target: { mediaType: 'application/x', digest: `sha256:${'3'.repeat(64)}`, size: 10 },
  references: ['docker.io/library/busybox:latest'],
  diffIds: [`sha256:${'2'.repeat(64)}`],
  size: 1,
  created: '',
  architecture: 'amd64',
  os: 'linux',
  variant: '',
  author: '',
  config: {},
};
export const imageFacts: readonly ImageFact[] = [
  { type: 'image.load-requested', data: { ...stagedImage, lease: 'l' } },
  { type: 'image.loaded', data: { references: stagedImage.references } },
  { type: 'image.load-failed', data: { message: 'no space left' } },
  { type: 'image.tagged', data: { reference: 'docker.io/library/busybox:1' } },
  { type: 'image.untagged', data: { reference: 'docker.io/library/busybox:latest' } },
  {
    type: 'image.untagged',
    data: { reference: 'docker.io/library/busybox:latest', by: 'untag' },
  },
  { type: 'image.reference-settled', data: { reference: 'docker.io/library/busybox:1' } },
  {
    type: 'image.reference-failed',
    data: { reference: 'docker.io/library/busybox:1', message: 'read-only database' },
  },
  { type: 'image.remove-requested', data: {} },
  { type: 'image.removed', data: {} },
  { type: 'image.remove-failed', data: { message: 'read-only database' } },
  { type: 'image.saved', data: {} },
];

/** Every command of an image, with the variants that are decided differently. */
export const imageCommands: Readonly<Record<string, ImageCommand>> = {
  'load-image': {
    type: 'load-image',
    images: [{ image: stagedImage, lease: 'l' }],
    origin: 'load',
  },
  'tag-image': { type: 'tag-image', id: stagedImage.id, reference: 'docker.io/library/other:1' },
  'remove-image by reference': {
    type: 'remove-image',
    id: stagedImage.id,
    references: stagedImage.references,
    given: 'busybox',
    force: false,
  },
  'remove-image by id': {
    type: 'remove-image',
    id: stagedImage.id,
    references: null,
    given: stagedImage.id,
    force: false,
  },
  'remove-image by id -f': {
    type: 'remove-image',
    id: stagedImage.id,
    references: null,
    given: stagedImage.id,
    force: true,
  },
  'note-image-saved': { type: 'note-image-saved', ids: [stagedImage.id] },
};

/** Every command of a container, with the variants that are decided differently. */
export const commands: Readonly<Record<string, ContainerCommand>> = {
  create: {
    type: 'create',
    id: ID,
    name: 'web',
    image,
    config,
    hostConfig,
    env: [],
    platform: 'linux/amd64',
    warnings: [],
  },
  adopt: { type: 'adopt', ...adoptedData },
  start: { type: 'start', id: ID, runtime },
  stop: { type: 'stop', id: ID, signal: 15, timeoutMs: 10_000 },
  restart: { type: 'restart', id: ID, signal: 15, timeoutMs: 10_000, runtime },
  kill: { type: 'kill', id: ID, signal: 9 },
  pause: { type: 'pause', id: ID },
  unpause: { type: 'unpause', id: ID },
  remove: { type: 'remove', id: ID, force: false, volumes: false },
  'remove -f': { type: 'remove', id: ID, force: true, volumes: false },
  rename: { type: 'rename', id: ID, name: 'other' },
  update: { type: 'update', id: ID, restartPolicy: { Name: 'always', MaximumRetryCount: 0 } },
};
