/** A container in several states and an image, as read models give them. */
import type { ContainerDetails, ImageView } from '../../projections/views.ts';
import { hostConfig } from '../containers/hostConfig.ts';

export const ID = 'ab12'.repeat(16);
export const OTHER_ID = 'cd34'.repeat(16);
/** 2023-11-14T22:13:20Z. */
export const NOW = 1_700_000_000_000_000_000n;

export function details(changes: Partial<ContainerDetails> = {}): ContainerDetails {
  const host = hostConfig(null, { defaultRuntime: 'runc', cgroupVersion: '1' }, '1.55');
  return {
    id: ID,
    mounts: [],
    name: 'web',
    status: 'created',
    phase: 'created',
    removed: false,
    image: 'busybox',
    imageId: image().id,
    argv: ['sh', '-c', 'echo hi'],
    labels: { a: 'b' },
    networkMode: 'bridge',
    createdNs: NOW - 60_000_000_000n,
    startedNs: null,
    finishedNs: null,
    exitCode: null,
    exitKnown: false,
    pid: 0,
    run: 0,
    health: null,
    config: {
      Hostname: ID.slice(0, 12),
      Domainname: '',
      User: '',
      AttachStdin: false,
      AttachStdout: true,
      AttachStderr: true,
      Tty: false,
      OpenStdin: false,
      StdinOnce: false,
      Cmd: ['sh', '-c', 'echo hi'],
      Entrypoint: null,
      Image: 'busybox',
      WorkingDir: '',
      Labels: { a: 'b' },
    },
    hostConfig: host,
    imageRef: { id: image().id, chainId: 'sha256:chain' },
    env: [{ name: 'PATH', digest: 'd1' }],
    platform: 'linux/amd64',
    snapshotter: 'overlayfs',
    error: '',
    oomKilled: false,
    restartCount: 0,
    warnings: [],
    ...changes,
  };
}

export const running = (changes: Partial<ContainerDetails> = {}): ContainerDetails =>
  details({
    status: 'running',
    phase: 'running',
    startedNs: NOW - 300_000_000_000n,
    pid: 42,
    run: 1,
    ...changes,
  });

export const exited = (changes: Partial<ContainerDetails> = {}): ContainerDetails =>
  details({
    status: 'exited',
    phase: 'exited',
    startedNs: NOW - 300_000_000_000n,
    finishedNs: NOW - 120_000_000_000n,
    exitCode: 3,
    exitKnown: true,
    run: 1,
    ...changes,
  });

export function image(changes: Partial<ImageView> = {}): ImageView {
  return {
    id: `sha256:${'1f'.repeat(32)}`,
    target: { mediaType: 'application/json', digest: `sha256:${'2e'.repeat(32)}`, size: 500 },
    references: ['docker.io/library/busybox:latest'],
    tags: ['docker.io/library/busybox:latest'],
    chainId: 'sha256:chain',
    diffIds: ['sha256:layer'],
    size: 4_000_000,
    created: '2023-05-18T22:34:17Z',
    architecture: 'amd64',
    os: 'linux',
    variant: '',
    author: '',
    config: { Env: ['PATH=/bin', 'LANG=C'], Cmd: ['sh'], Labels: { from: 'image' } },
    loadedNs: NOW,
    taggedNs: NOW,
    ...changes,
  };
}
