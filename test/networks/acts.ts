/** Operations as requests to the daemon. */
import assert from 'node:assert/strict';
import type { Answer, TemporaryDaemon } from '../support/temporaryDaemon.ts';
import { ALIAS, type Box, DEFAULT, type Net } from './model.ts';
import type { Operation } from './story.ts';

/** Nobody listens there, so questions for names of nobody are refused at once. */
const NOWHERE = '127.0.0.99';
const SERVE = 'mkdir -p /www; hostname >/www/index.html; exec busybox httpd -f -p 80 -h /www';

type Asked = readonly [method: string, path: string, body?: unknown];

export function requestFor(operation: Operation): Asked | undefined {
  switch (operation.type) {
    case 'create-network':
      return ['POST', '/networks/create', networkBody(operation.net)];
    case 'remove-network':
      return ['DELETE', `/networks/${operation.net}`];
    case 'create':
      return ['POST', `/containers/create?name=${operation.box.name}`, boxBody(operation.box)];
    case 'start':
      return ['POST', `/containers/${operation.box}/start`];
    case 'stop':
      return ['POST', `/containers/${operation.box}/stop?t=0`];
    case 'remove':
      return ['DELETE', `/containers/${operation.box}?force=1`];
    case 'connect': {
      const aliases = operation.net === DEFAULT.name ? {} : { Aliases: [ALIAS] };
      const body = { Container: operation.box, EndpointConfig: aliases };
      return ['POST', `/networks/${operation.net}/connect`, body];
    }
    case 'disconnect':
      return ['POST', `/networks/${operation.net}/disconnect`, { Container: operation.box }];
    case 'none':
      return undefined;
    default:
      return operation satisfies never;
  }
}

const networkBody = ({ name, internal, dual }: Net): object => ({
  Name: name,
  Internal: internal,
  EnableIPv6: dual,
});

function boxBody({ name, places, port, hostIp }: Box): object {
  const [net = DEFAULT.name] = places;
  const published = { '80/tcp': [{ HostIp: hostIp, HostPort: String(port) }] };
  const aliases = { EndpointsConfig: { [net]: { Aliases: [ALIAS] } } };
  return {
    Image: 'busybox',
    Hostname: name,
    Cmd: ['sh', '-c', SERVE],
    StopSignal: 'SIGKILL',
    HostConfig: {
      NetworkMode: net,
      Dns: [NOWHERE],
      ...(port === null ? {} : { PortBindings: published }),
    },
    ...(net === DEFAULT.name ? {} : { NetworkingConfig: aliases }),
  };
}

/** What is answered when it was done before, by the try that the kill interrupted. */
const DONE_BEFORE: Readonly<Record<Operation['type'], RegExp>> = {
  'create-network': /already exists/,
  'remove-network': /not found/,
  create: /already in use/,
  remove: /No such container|already in progress/,
  start: /^$/,
  stop: /^$/,
  connect: /already exists in network/,
  disconnect: /is not connected to/,
  none: /^$/,
};

export const isDone = ({ status }: Answer): boolean => status < 400;

export const wasDoneBefore = (operation: Operation, { status, body }: Answer): boolean =>
  status < 400 || DONE_BEFORE[operation.type].test(messageOf(body));

export const messageOf = (body: string): string =>
  body === '' ? '' : String((JSON.parse(body) as { message?: string }).message ?? '');

export async function carryOut(daemon: TemporaryDaemon, operation: Operation): Promise<Answer> {
  const asked = requestFor(operation);
  return asked === undefined ? { status: 204, body: '' } : await daemon.request(...asked);
}

/** All of the answer, which must be one of success. */
export async function read<T>(daemon: TemporaryDaemon, path: string): Promise<T> {
  const { status, body } = await daemon.request('GET', path);
  assert.equal(status, 200, `${path}: ${body}`);
  return JSON.parse(body) as T;
}
