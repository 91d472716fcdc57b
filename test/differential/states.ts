/** The states a row can start from: what container is made for it, and how it gets there. */

export interface Prepared {
  /** Body of its create. */
  readonly body: object;
  /** Requests after the create, `{c}` stands for its name. */
  readonly steps: readonly string[];
  /** `State.Status` that it has then; a container that still has it serves the next row, too. */
  readonly status: string;
}

export const IMAGE = 'busybox:latest';

/** Without a network, so that nothing has to be set up for it. */
export const body = (config: object = {}, host: object = {}): object => ({
  Image: IMAGE,
  Cmd: ['sleep', '1000'],
  ...config,
  HostConfig: { NetworkMode: 'none', ...host },
});

const START = 'POST /containers/{c}/start';

/** It ends by itself, after its first probe. */
const checked = (Test: readonly string[]) => ({
  body: body({
    Cmd: ['sleep', '3'],
    Healthcheck: { Test, Interval: 300e6, Timeout: 1_200e6, Retries: 1 },
  }),
  steps: [START, 'POST /containers/{c}/wait'],
  status: 'exited',
});

const MOUNTS = {
  Binds: ['mounted:/d', 'mounted:/e:ro', '/proc:/p', '/proc:/q:ro', 'mounted:/f/deep:nocopy'],
  Mounts: [
    { Type: 'volume', Source: 'mounted', Target: '/g', ReadOnly: true },
    { Type: 'volume', Target: '/h' },
    { Type: 'bind', Source: '/proc', Target: '/f', ReadOnly: true },
    { Type: 'tmpfs', Target: '/i', TmpfsOptions: { SizeBytes: 1048576, Mode: 0o1770 } },
    { Type: 'tmpfs', Target: '/j', ReadOnly: true },
  ],
  Tmpfs: { '/k': 'size=2m,exec', '/tmp': '' },
};
/** Targets and options of all that the user has mounted, with their sizes. */
const LOOK = "grep -E ' /([a-k]|f/deep|tmp) ' /proc/self/mountinfo | cut -d' ' -f5,6 | sort";

export const STATES = {
  'created, with mounts': {
    body: body({ Volumes: { '/anon': {} } }, MOUNTS),
    steps: [],
    status: 'created',
  },
  'exited, having looked at its mounts': {
    ...checked(['CMD-SHELL', LOOK]),
    body: body(
      {
        Cmd: ['sleep', '3'],
        Healthcheck: { Test: ['CMD-SHELL', LOOK], Interval: 300e6, Timeout: 3e9, Retries: 1 },
      },
      {
        ...MOUNTS,
        Binds: MOUNTS.Binds.filter((bind) => !bind.startsWith('mounted:/f')),
        Mounts: MOUNTS.Mounts.filter(({ Target }) => Target !== '/f'),
      },
    ),
  },
  'created, with a tmpfs option that means nothing': {
    body: body({}, { Tmpfs: { '/t': 'bogus' } }),
    steps: [],
    status: 'created',
  },
  'created, with a bind that can not be shared': {
    body: body({}, { Binds: ['/proc:/t:shared'] }),
    steps: [],
    status: 'created',
  },
  'created, with a device that is not there': {
    body: body(
      {},
      {
        Mounts: [
          {
            Type: 'volume',
            Source: 'lost',
            Target: '/t',
            VolumeOptions: {
              NoCopy: true,
              DriverConfig: {
                Name: 'local',
                Options: { type: 'none', device: '/nonesuch', o: 'bind' },
              },
            },
          },
        ],
      },
    ),
    steps: [],
    status: 'created',
  },
  created: { body: body(), steps: [], status: 'created' },
  running: { body: body(), steps: [START], status: 'running' },
  paused: { body: body(), steps: [START, 'POST /containers/{c}/pause'], status: 'paused' },
  exited: {
    body: body({ Cmd: ['sh', '-c', 'echo out; echo err >&2; exit 3'] }),
    steps: [START, 'POST /containers/{c}/wait'],
    status: 'exited',
  },
  killed: {
    body: body(),
    steps: [START, 'POST /containers/{c}/kill'],
    status: 'exited',
  },
  'no program': { body: body({ Cmd: ['/nope'] }), steps: [], status: 'created' },
  'no program, tried': { body: body({ Cmd: ['/nope'] }), steps: [START], status: 'created' },
  'not in PATH': { body: body({ Cmd: ['nope'] }), steps: [], status: 'created' },
  'not in PATH, tried': { body: body({ Cmd: ['nope'] }), steps: [START], status: 'created' },
  'not executable': { body: body({ Cmd: ['/etc/passwd'] }), steps: [], status: 'created' },
  'not executable, tried': {
    body: body({ Cmd: ['/etc/passwd'] }),
    steps: [START],
    status: 'created',
  },
  'a folder, tried': { body: body({ Cmd: ['/etc'] }), steps: [START], status: 'created' },
  'unknown user': { body: body({ User: 'nobodyhere' }), steps: [], status: 'created' },
  'unknown user, tried': { body: body({ User: 'nobodyhere' }), steps: [START], status: 'created' },
  'created, with a check': {
    body: body({ Healthcheck: { Test: ['CMD', 'true'] } }),
    steps: [],
    status: 'created',
  },
  'running, with a check': {
    body: body({ Healthcheck: { Test: ['CMD', 'true'], Interval: 3600e9 } }),
    steps: [START],
    status: 'running',
  },
  'running, without its check': {
    body: body({ Healthcheck: { Test: ['NONE'] } }),
    steps: [START],
    status: 'running',
  },
  'exited, failing its check': checked(['CMD-SHELL', 'echo $PATH; exit 3']),
  'exited, missing its check': checked(['CMD', 'nope', 'x']),
  'exited, late with its check': checked(['CMD-SHELL', 'echo begun; exec sleep 9']),
  terminal: { body: body({ Tty: true }), steps: [START], status: 'running' },
} as const satisfies Readonly<Record<string, Prepared>>;

export type StateName = keyof typeof STATES;
