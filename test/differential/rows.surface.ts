/** Rows about the daemon itself, about what surrounds containers, and about what is not served. */
import { NOT_SERVED } from '../../api/notServed/table.ts';
import { documentedPath } from '../../api/router.ts';
import { keys, member, on, plain, type Row } from './rowKinds.ts';
import { body, IMAGE } from './states.ts';

const exec = { Cmd: ['true'], AttachStdout: true };

const execs: readonly Row[] = [
  on('running', 'POST', '/containers/{c}/exec', { body: exec, show: keys }),
  on('created', 'POST', '/containers/{c}/exec', { body: exec }),
  on('paused', 'POST', '/containers/{c}/exec', { body: exec }),
  on('running', 'POST', '/containers/{c}/exec', { body: {} }),
  plain('POST', '/containers/nobody/exec', { body: exec }),
  ...(['running', 'exited', 'paused'] as const).flatMap((state) =>
    ['bogus', 'ctrl-', 'ctrl-1', 'a,,b', 'ctrl-P,q,ctrl-@'].map((DetachKeys) =>
      on(state, 'POST', '/containers/{c}/exec', {
        body: { ...exec, DetachKeys },
        title: `${state}: POST /containers/{c}/exec with the keys ${DetachKeys}`,
        show: keys,
      }),
    ),
  ),
  plain('POST', '/containers/nobody/exec', {
    body: { ...exec, DetachKeys: 'bogus' },
    title: 'POST /containers/nobody/exec with the keys bogus',
  }),
  on('running', 'GET', '/exec/{e}/json', { exec, show: keys }),
  on('running', 'POST', '/exec/{e}/start', { exec, body: { Detach: true } }),
  on('running', 'POST', '/exec/{e}/start', { exec, body: { Detach: false } }),
  on('running', 'POST', '/exec/{e}/resize?h=1&w=1', { exec }),
  on('running', 'POST', '/exec/{e}/resize?h=1&w=1', {
    exec: { Cmd: ['sleep', '100'] },
    started: true,
    title: 'running: POST /exec/{e}/resize of one that runs',
  }),
  plain('GET', '/exec/none/json'),
  plain('POST', '/exec/none/start', { body: {} }),
  plain('POST', '/exec/none/resize?h=1&w=1'),
];

const containers: readonly Row[] = [
  on('exited', 'POST', '/containers/{c}/attach?logs=1&stdout=1'),
  on('paused', 'POST', '/containers/{c}/attach?stream=1'),
  on('paused', 'GET', '/containers/{c}/attach/ws'),
  plain('POST', '/containers/nobody/attach?stream=1'),
  on('exited', 'POST', '/containers/{c}/attach?stream=1&detachKeys=bogus'),
  plain('GET', '/containers/nobody/attach/ws'),
  ...['ctrl-', 'a,,b', 'ctrl-1'].map((keys) =>
    on('exited', 'POST', `/containers/{c}/attach?stream=1&detachKeys=${keys}`),
  ),
  plain('POST', '/containers/nobody/attach?stream=1&detachKeys=bogus'),
  plain('POST', '/containers/nobody/start?detachKeys=bogus'),
  on('running', 'GET', '/containers/{c}/attach/ws', { only: 'shiplog' }),
  on('exited', 'GET', '/containers/{c}/logs?stdout=1&tail=x&since=1'),
  on('running', 'POST', '/containers/{c}/update', {
    body: { RestartPolicy: { Name: 'always' } },
    show: (answer) => answer,
  }),
  on('running', 'POST', '/containers/{c}/update', { body: { RestartPolicy: { Name: 'x' } } }),
  on('running', 'POST', '/containers/{c}/update', { body: '{' }),
  plain('POST', '/containers/nobody/update', { body: {} }),
  plain('POST', '/containers/prune?filters={"label":["no=such"]}', { show: (answer) => answer }),
  plain('POST', '/containers/prune?filters={"bogus":["x"]}'),
  plain('POST', '/containers/prune?filters={"until":["x"]}'),
  plain('POST', '/containers/prune?filters={"until":["1h","2h"]}'),
];

const limits = (answer: unknown) => {
  const found = Object(answer);
  const shown = ['MemoryLimit', 'SwapLimit', 'KernelMemoryTCP', 'CpuCfsPeriod', 'CpuCfsQuota'];
  shown.push('CPUShares', 'CPUSet', 'PidsLimit', 'OomKillDisable', 'IPv4Forwarding');
  shown.push('CgroupDriver', 'CgroupVersion', 'NCPU', 'MemTotal', 'KernelVersion', 'OSType');
  shown.push('OperatingSystem', 'Architecture', 'LoggingDriver', 'DefaultRuntime');
  return Object.fromEntries(shown.map((name) => [name, found[name]]));
};

const host: readonly Row[] = [
  plain('GET', '/info', { show: limits, title: 'GET /info, of the host', hostOnly: true }),
  plain('GET', '/info', { show: keys, title: 'GET /info, its keys' }),
  plain('GET', '/info', {
    show: (answer) => keys(answer, 'Swarm'),
    title: 'GET /info, keys of Swarm',
  }),
  plain('GET', '/info', { version: '/v9.9' }),
  plain('GET', '/version', { version: '/v9.9' }),
  plain('GET', '/version', { version: '/v1.10' }),
  plain('GET', '/_ping', { version: '/v9.9' }),
  plain('HEAD', '/_ping'),
  plain('HEAD', '/_ping', { version: '/v9.9' }),
  plain('GET', '/readyz', { version: '', only: 'shiplog' }),
  plain('GET', '/healthz', { version: '', only: 'shiplog' }),
  plain('GET', '/metrics', { version: '', only: 'shiplog' }),
  plain('GET', '/openapi.yaml', { version: '', only: 'shiplog' }),
  plain('GET', '/openapi.html', { version: '', only: 'shiplog' }),
  plain('GET', '/system/df', { show: keys }),
  plain('GET', '/system/df', { show: (answer) => member(answer, 'Volumes') }),
  plain('GET', '/system/df', { version: '/v9.9' }),
  plain('GET', '/system/df?type=bogus', { version: '', only: 'shiplog' }),
  plain('POST', '/images/load', { body: Buffer.from('no archive') }),
  plain('POST', '/images/load', { image: true }),
  plain('GET', `/images/${IMAGE}/get`),
  plain('GET', `/images/get?names=${IMAGE}`),
  plain('POST', '/images/create?fromImage=x', { only: 'shiplog' }),
];

const networks: readonly Row[] = [
  plain('GET', '/networks', { show: (answer) => keys(answer) }),
  plain('GET', '/networks?filters={"bogus":["x"]}'),
  plain('GET', '/networks/none', { show: keys }),
  plain('GET', '/networks/host', { show: (answer) => [member(answer, 'IPAM')] }),
  plain('GET', '/networks/nothing'),
  plain('DELETE', '/networks/nothing'),
  plain('DELETE', '/networks/host'),
  plain('POST', '/networks/create', { body: {} }),
  plain('POST', '/networks/create', {
    body: { Name: 'x', Driver: 'nobody' },
    title: 'POST /networks/create of a driver that nobody has',
  }),
  plain('POST', '/networks/nothing/connect', { body: { Container: 'nobody' } }),
  plain('POST', '/networks/nothing/disconnect', { body: { Container: 'nobody' } }),
  plain('POST', '/networks/prune', { show: (answer) => answer }),
  plain('POST', '/networks/prune?filters={"bogus":["x"]}'),
  plain('GET', '/volumes', { show: (answer) => answer }),
  plain('GET', '/volumes?filters={"bogus":["x"]}'),
  plain('GET', '/volumes/nothing'),
  plain('DELETE', '/volumes/nothing'),
  plain('POST', '/build/prune', { show: (answer) => answer }),
  plain('POST', '/build/prune?filters={"bogus":["x"]}'),
  plain('POST', '/build/prune?keep-storage=x'),
  plain('POST', '/volumes/prune', { show: (answer) => answer }),
  plain('POST', '/volumes/prune?filters={"bogus":["x"]}'),
  plain('GET', '/plugins', { show: (answer) => answer }),
  plain('GET', '/plugins', { version: '/v9.9' }),
];

const ours = { version: '', only: 'shiplog' } as const;

const native: readonly Row[] = [
  plain('POST', '/shiplog/v1/containers', { ...ours, body: { rootPath: 'here' } }),
  plain('GET', '/shiplog/v1/status', ours),
  plain('POST', '/shiplog/v1/reload', ours),
  plain('POST', '/shiplog/v1/reconcile', ours),
  plain('POST', '/shiplog/v1/reconcile', { ...ours, body: { dryRun: true } }),
  on('running', 'GET', '/shiplog/v1/containers/{c}', ours),
  plain('GET', '/shiplog/v1/containers/nobody', ours),
  plain('GET', '/shiplog/v1/events?to=1', ours),
  plain('GET', '/shiplog/v1/events?from=0', ours),
  on('created', 'PATCH', '/shiplog/v1/containers/{c}/labels', { ...ours, body: { a: 'b' } }),
  plain('PATCH', '/shiplog/v1/containers/nobody/labels', { ...ours, body: { a: 'b' } }),
  plain('GET', '/shiplog/v1/containers', ours),
  plain('GET', '/shiplog/v1/containers?at=1', ours),
  plain('GET', '/shiplog/v1/containers?at=never', ours),
  plain('GET', '/shiplog/v1/containers/nobody?at=1', ours),
  on('running', 'GET', '/shiplog/v1/containers/{c}/why', ours),
  plain('GET', '/shiplog/v1/containers/nobody/why', ours),
  plain('GET', '/shiplog/v1/backup', ours),
  plain('GET', '/shiplog/v1/export', ours),
  plain('GET', '/shiplog/v1/export?container=nobody', ours),
  plain('GET', '/shiplog/v1/verify', ours),
  plain('GET', '/shiplog/v1/verify?expect=x', ours),
  plain('POST', '/shiplog/v1/rebuild', ours),
];

const wrong: readonly Row[] = [
  plain('PUT', '/containers/json'),
  plain('DELETE', '/version'),
  plain('GET', '/containers/create'),
  plain('POST', '/containers/create', { body: 'x', type: 'text/plain', title: 'create, no JSON' }),
  plain('POST', '/containers/create', {
    body: `{"Image":"${'x'.repeat(5_000_000)}"}`,
    title: 'create with a body of 5 MB',
    only: 'shiplog',
  }),
  plain('POST', '/containers/create', {
    body: { Image: IMAGE, HostConfig: { Memory: 'much' } },
    title: 'create with a text for a number',
  }),
  plain('POST', '/containers/create?name=twice', { body: body(), title: 'create by name' }),
];

/** dockerd would do most of these; where it says that something is off, so do we. */
const notServed: readonly Row[] = NOT_SERVED.map((row) => {
  const path = documentedPath(row).replace(/\{\w+\}/g, 'nobody');
  const noSwarm = row.answer === 'no-swarm' && row.method === 'GET';
  const compared = noSwarm || row.answer === 'experimental';
  return plain(row.method, path, compared ? {} : { only: 'shiplog' });
});

export const SURFACE_ROWS: readonly Row[] = [
  ...execs,
  ...containers,
  ...host,
  ...networks,
  ...native,
  ...wrong,
  ...notServed,
];
