/**
 * What both engines are asked. A row reads: from this state, this request. `{c}` is the name of the
 * container in that state, `{id}` its id. Compared are the status and the error's message, and of a
 * success what `show` picks.
 */
import { HEALTH_ROWS } from './health.rows.ts';
import { each, keys, member, on, plain, type Row } from './rowKinds.ts';
import { ARCHIVE_ROWS } from './rows.archive.ts';
import { IMAGE_ROWS } from './rows.images.ts';
import { LIMIT_ROWS } from './rows.limits.ts';
import { SURFACE_ROWS } from './rows.surface.ts';
import { VOLUME_ROWS } from './rows.volumes.ts';
import { body, IMAGE } from './states.ts';

function create(what: string, asked: unknown, query = ''): Row {
  const path = `/containers/create${query}`;
  return { title: `create with ${what}`, method: 'POST', path, body: asked };
}

const lifecycle: readonly Row[] = [
  ...each('POST', '/containers/{c}/start'),
  ...each('POST', '/containers/{c}/stop?t=0'),
  ...each('POST', '/containers/{c}/kill'),
  ...each('POST', '/containers/{c}/pause'),
  ...each('POST', '/containers/{c}/unpause'),
  ...each('POST', '/containers/{c}/restart?t=0'),
  ...each('DELETE', '/containers/{c}'),
  ...each('DELETE', '/containers/{c}?force=1'),
  ...each('POST', '/containers/{c}/rename?name=another-name'),
  ...each('POST', '/containers/{c}/resize?h=10&w=20'),
  on('running', 'POST', '/containers/{c}/rename?name={c}'),
  on('running', 'POST', '/containers/{c}/rename?name='),
  on('running', 'POST', '/containers/{c}/rename'),
  on('running', 'POST', '/containers/{c}/rename?name=_bad'),
  on('running', 'POST', '/containers/{c}/kill?signal=BOGUS'),
  on('exited', 'POST', '/containers/{c}/kill?signal=BOGUS'),
  on('running', 'POST', '/containers/{c}/kill?signal=0'),
  on('running', 'POST', '/containers/{c}/kill?signal=99'),
  on('running', 'POST', '/containers/{c}/kill?signal=-1'),
  on('running', 'POST', '/containers/{c}/kill?signal=hup'),
  on('running', 'POST', '/containers/{c}/kill?signal=15'),
  on('created', 'POST', '/containers/{c}/kill?signal=TERM'),
  on('running', 'POST', '/containers/{c}/stop?t=x'),
  on('running', 'POST', '/containers/{c}/resize?h=x&w=20'),
  on('terminal', 'POST', '/containers/{c}/resize?h=10&w=20'),
  on('created', 'POST', '/containers/{id}/start', { body: { Image: IMAGE } }),
];

const exits = (answer: unknown): unknown => {
  const { Status, ExitCode, Error: text } = Object(member(answer, 'State'));
  return { Status, ExitCode, Error: text };
};

const failedStarts: readonly Row[] = [
  on('no program', 'POST', '/containers/{c}/start'),
  on('not in PATH', 'POST', '/containers/{c}/start'),
  on('not executable', 'POST', '/containers/{c}/start'),
  on('unknown user', 'POST', '/containers/{c}/start'),
  on('no program', 'POST', '/containers/{c}/restart'),
  on('no program, tried', 'GET', '/containers/{c}/json', { show: exits }),
  on('not in PATH, tried', 'GET', '/containers/{c}/json', { show: exits }),
  on('not executable, tried', 'GET', '/containers/{c}/json', { show: exits }),
  on('a folder, tried', 'GET', '/containers/{c}/json', { show: exits }),
  on('unknown user, tried', 'GET', '/containers/{c}/json', { show: exits }),
  on('exited', 'GET', '/containers/{c}/json', { show: exits }),
  on('killed', 'GET', '/containers/{c}/json', { show: exits }),
];

const unknown: readonly Row[] = [
  ...['start', 'stop', 'kill', 'pause', 'unpause', 'restart', 'wait', 'rename?name=x1'].map(
    (action) => plain('POST', `/containers/nobody/${action}`),
  ),
  plain('POST', '/containers/nobody/rename?name='),
  plain('POST', '/containers/nobody/resize?h=1&w=1'),
  plain('POST', '/containers/nobody/kill?signal=BOGUS'),
  plain('GET', '/containers/nobody/json'),
  plain('GET', '/containers/nobody/logs'),
  plain('GET', '/containers/nobody/logs?stdout=1'),
  plain('DELETE', '/containers/nobody'),
  plain('DELETE', '/containers/nobody?force=1'),
  plain('GET', '/images/nothing/json'),
  plain('GET', '/images/nothing:tag/json'),
  plain('GET', '/images/Capital/json'),
  plain('GET', '/containers//json'),
  plain('GET', '/nothing'),
  plain('POST', '/containers/json'),
];

const reads: readonly Row[] = [
  on('running', 'GET', '/containers/{c}/top?ps_args=-o pid,args', {
    show: (answer) => Object(answer).Titles,
  }),
  ...[
    '-o args',
    '-o pid=X,args',
    '-o pid=PID,args',
    '-o args -o comm=PID',
    '-o args -o comm=PIDS',
    '-o nothing',
    '--bogus',
    'aux',
    '-e  -f',
    ' ',
    '-p 1 -o pid',
    'm -o pid,comm',
    '-h',
    '--version',
  ].map((given) =>
    on('running', 'GET', `/containers/{c}/top?ps_args=${given}`, {
      show: (answer) => Object(answer).Titles,
    }),
  ),
  on('exited', 'GET', '/containers/{c}/top'),
  on('paused', 'GET', '/containers/{c}/top', { show: (answer) => Object(answer).Titles }),
  plain('GET', '/containers/nobody/top'),
  on('running', 'GET', '/containers/{c}/stats?stream=0&one-shot=1', {
    show: (answer) => Object.keys(Object(answer).pids_stats),
  }),
  plain('GET', '/containers/nobody/stats?stream=0'),
  ...each('GET', '/containers/{c}/logs'),
  ...each('GET', '/containers/{c}/logs?stdout=0&stderr=0'),
  on('exited', 'GET', '/containers/{c}/logs?stdout=1&since=bogus'),
  on('exited', 'GET', '/containers/{c}/logs?stdout=1&until=bogus'),
  on('created', 'POST', '/containers/{c}/wait', { show: (answer) => answer }),
  on('exited', 'POST', '/containers/{c}/wait', { show: (answer) => answer }),
  on('killed', 'POST', '/containers/{c}/wait', { show: (answer) => answer }),
  on('exited', 'POST', '/containers/{c}/wait?condition=not-running', { show: (one) => one }),
  on('exited', 'POST', '/containers/{c}/wait?condition=bogus'),
  ...['until=1', 'since=1&until=2', 'since=bogus', 'until=bogus', 'since=2&until=1'].map((query) =>
    plain('GET', `/events?${query}`),
  ),
  plain('GET', '/events?until=1&filters=bogus'),
  plain('GET', '/events?until=1&filters={"bogus":["x"]}'),
  plain('GET', '/events?until=1&filters={"type":"x"}'),
];

const filters = [
  'bogus',
  '[]',
  '""',
  '{"bogus":["x"]}',
  '{"status":["bogus"]}',
  '{"status":["exited"]}',
  '{"exited":["x"]}',
  '{"health":["bogus"]}',
  '{"name":["("]}',
  '{"before":["nobody"]}',
  '{"since":["nobody"]}',
  '{"ancestor":["nothing"]}',
  '{"label":"x"}',
  '{"label":{"a":true}}',
  '{"network":["nothing"]}',
  '{"publish":["x"]}',
  '{"expose":["80"]}',
  '{"expose":["x"]}',
  '{"isolation":["default"]}',
  '{"is-task":["0"]}',
  '{"volume":["x"]}',
  '{"is-task":["bogus"]}',
];

const lists: readonly Row[] = [
  ...filters.map((given) => ({
    ...plain('GET', `/containers/json?filters=${given}`),
    title: `GET /containers/json?filters=${given}`,
  })),
  plain('GET', '/containers/json?limit=x'),
  plain('GET', '/containers/json?limit=-1'),
  plain('GET', '/images/json?filters=bogus'),
  plain('GET', '/images/json?filters={"bogus":["x"]}'),
  plain('GET', '/images/json?filters={"dangling":["bogus"]}'),
  plain('GET', '/images/json?filters={"before":["nothing"]}'),
  plain('GET', '/images/json?filters={"reference":["busy*"]}', { show: (a) => (a as []).length }),
];

/** Fields whose values are not what they were: gone from dockerd 29, or longer there. */
const CHANGED_SINCE = ['KernelMemory', 'KernelMemoryTCP', 'MaskedPaths'];

/** With its keys in one order, backwards so that a name comes before its numbers. */
function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? 1 : -1)));
}

const shapes: readonly Row[] = [
  on('running', 'GET', '/containers/json', { show: keys }),
  on('running', 'GET', '/containers/json', { show: (a) => keys(a, 'HostConfig') }),
  on('running', 'GET', '/containers/json?size=1', { show: keys }),
  ...['', 'State', 'Config', 'HostConfig', 'NetworkSettings', 'GraphDriver'].map((part) => ({
    ...on('exited', 'GET', '/containers/{c}/json', {
      show: (answer: unknown) => (part === '' ? keys(answer) : keys(answer, part)),
    }),
    title: `exited: keys of inspect ${part}`.trim(),
  })),
  ...['HostConfig', 'Config'].map((part) => ({
    ...on('created', 'GET', '/containers/{c}/json', {
      show: (answer: unknown) => {
        const found = Object(member(answer, part));
        const shown = keys(found).filter((key) => !CHANGED_SINCE.includes(key));
        return Object.fromEntries(shown.map((key) => [key, sorted(Reflect.get(found, key))]));
      },
    }),
    title: `created: values of inspect ${part}`,
  })),
  plain('GET', `/images/${IMAGE}/json`, { show: keys }),
  plain('GET', '/images/json', { show: keys }),
  plain('GET', '/version', { show: keys }),
  plain('GET', '/_ping'),
];

const creates: readonly Row[] = [
  create('nothing', undefined),
  create('an empty object', {}),
  create('broken JSON', '{'),
  create('trailing text', '{"Image":"busybox"} x'),
  create('a wrong type', { Image: 3 }),
  create('HostConfig alone', { HostConfig: {} }),
  create('no image', { Cmd: ['true'] }),
  create('an unknown image', { Image: 'nothing' }),
  create('an unknown image and tag', { Image: 'nothing:there' }),
  create('a bad reference', { Image: 'BAD:::ref' }),
  create('a capital in the reference', { Image: 'Capital' }),
  create('the image alone', { Image: IMAGE, HostConfig: { NetworkMode: 'none' } }),
  create('a bad name', body(), '?name=_x'),
  create('a name of one letter', body(), '?name=x'),
  create('a name after a slash', body(), '?name=/xy'),
  create('no command', body({ Cmd: [], Entrypoint: [''] })),
  create('a relative directory', body({ WorkingDir: 'here' })),
  create('a bad stop signal', body({ StopSignal: 'BOGUS' })),
  create('an empty variable', body({ Env: [''] })),
  create('a variable without a name', body({ Env: ['=x'] })),
  create('an unknown restart policy', body({}, { RestartPolicy: { Name: 'bogus' } })),
  create(
    'retries of the policy no',
    body({}, { RestartPolicy: { Name: 'no', MaximumRetryCount: 2 } }),
  ),
  create(
    'negative retries',
    body({}, { RestartPolicy: { Name: 'on-failure', MaximumRetryCount: -2 } }),
  ),
  create(
    'AutoRemove and a policy',
    body({}, { AutoRemove: true, RestartPolicy: { Name: 'always' } }),
  ),
  create('an unknown runtime', body({}, { Runtime: 'bogus' })),
  create('an unknown log driver', body({}, { LogConfig: { Type: 'bogus' } })),
  create('an unknown log option', body({}, { LogConfig: { Config: { foo: 'x' } } })),
  create('a negative ShmSize', body({}, { ShmSize: -1 })),
  create('a bad IPC mode', body({}, { IpcMode: 'bogus' })),
  create('a bad PID mode', body({}, { PidMode: 'bogus' })),
  create('a bad UTS mode', body({}, { UTSMode: 'bogus' })),
  create('a bad cgroup namespace mode', body({}, { CgroupnsMode: 'bogus' })),
  create('UTS of the host and a hostname', body({ Hostname: 'x' }, { UTSMode: 'host' })),
  create('a big OOM score', body({}, { OomScoreAdj: 2000 })),
  create('an unknown capability', body({}, { CapAdd: ['BOGUS'] })),
  create('an unknown capability to drop', body({}, { CapDrop: ['BOGUS'] })),
  create('an unknown security option', body({}, { SecurityOpt: ['foo=bar'] })),
  create('a bad hostname', body({ Hostname: 'a_b..' })),
  create('an absent device', body({}, { Devices: [{ PathOnHost: '/dev/nope' }] })),
];

export const ROWS: readonly Row[] = [
  ...IMAGE_ROWS,
  ...ARCHIVE_ROWS,
  ...lifecycle,
  ...failedStarts,
  ...unknown,
  ...reads,
  ...lists,
  ...shapes,
  ...creates,
  ...HEALTH_ROWS,
  ...LIMIT_ROWS,
  ...SURFACE_ROWS,
  ...VOLUME_ROWS,
];
