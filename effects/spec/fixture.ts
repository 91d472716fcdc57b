/** A container that asks for nothing in particular, for specs of this folder and its neighbours. */
import type { ContainerConfig, HostConfig } from '../../machines/container.config.ts';
import type { SpecDefaults, SpecInput } from './types.ts';

export const CONTAINER_ID = 'c0ffee'.padEnd(64, '0');

export const DEFAULTS: SpecDefaults = {
  noNewPrivileges: false,
  seccomp: { kind: 'unconfined' },
  ulimits: {},
};

export function plainConfig(changes: Partial<ContainerConfig> = {}): ContainerConfig {
  return {
    Hostname: 'c0ffee000000',
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
    Labels: {},
    ...changes,
  };
}

export function plainHostConfig(changes: Readonly<Record<string, unknown>> = {}): HostConfig {
  return {
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
    MaskedPaths: ['/proc/kcore'],
    ReadonlyPaths: ['/proc/sys'],
    LogConfig: { Type: 'json-file', Config: {} },
    RestartPolicy: { Name: 'no', MaximumRetryCount: 0 },
    ...changes,
  };
}

export function plainInput(
  config: Partial<ContainerConfig> = {},
  hostConfig: Readonly<Record<string, unknown>> = {},
): SpecInput {
  return {
    container: {
      id: CONTAINER_ID,
      config: plainConfig(config),
      hostConfig: plainHostConfig(hostConfig),
    },
    env: [],
    rootPath: '/roots/c',
    user: { uid: 0, gid: 0, additionalGids: [0] },
    files: { hosts: '/d/hosts', hostname: '/d/hostname', resolvConf: '/d/resolv.conf' },
    host: {
      hostname: 'the-host',
      capabilities: 2n ** 41n - 1n,
      rlimits: [{ type: 'RLIMIT_NOFILE', soft: 1024n, hard: 524_288n }],
      architecture: 'x86_64',
      kernelVersion: '6.1.0',
      x32: true,
      appArmor: { active: false, defaultProfile: '' },
      cgroup: { version: 1, driver: 'cgroupfs' },
    },
    devices: { nodes: [], rules: [] },
    init: undefined,
    defaults: DEFAULTS,
    sharedMemory: undefined,
    donors: {},
    deviceNumbers: (path) => ({ major: 254, minor: path.length }),
  };
}
