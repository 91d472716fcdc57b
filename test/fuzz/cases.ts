/**
 * What is sent: bytes of a whole connection, most of them nearly right. `box` is a running
 * container with open standard input, `spare` a stopped one that may be changed, `renamed` one that
 * may lose its name.
 */
import { gzipSync } from 'node:zlib';
import type { Random } from '../sim/random.ts';
import { damaged, type Json, jsonText, mutated, nasty, noise } from './mutate.ts';

export interface Case {
  readonly kind: Kind;
  readonly bytes: Buffer;
  /** What the client does when all is sent: it waits, ends its direction, or is gone. */
  readonly then: 'waits' | 'ends' | 'vanishes';
}

export interface Material {
  /** An exec of `box` that was not started. */
  readonly exec: () => Promise<string>;
  /** A tar of a few files, and an archive of an image. */
  readonly tars: readonly Buffer[];
  /** An archive that is all right but for its one layer. */
  readonly imageOf: (layer: Buffer) => Promise<Buffer>;
}

type Make = (random: Random, material: Material) => Promise<Buffer> | Buffer;

function request(line: string, headers: readonly string[], body: Buffer | string = ''): Buffer {
  const head = `${[`${line} HTTP/1.1`, 'Host: shiplog', ...headers].join('\r\n')}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head, 'utf8'), Buffer.from(body)]);
}

const length = (body: Buffer | string): string => `Content-Length: ${Buffer.byteLength(body)}`;

const CREATE: Json = {
  Image: 'busybox',
  Cmd: ['true'],
  Env: ['A=b'],
  Entrypoint: null,
  Labels: { a: 'b' },
  ExposedPorts: { '80/tcp': {} },
  Volumes: { '/data': {} },
  User: '1:1',
  WorkingDir: '/tmp',
  StopSignal: 'SIGTERM',
  Healthcheck: { Test: ['CMD', 'true'], Interval: 1_000_000_000, Retries: 2 },
  HostConfig: {
    Binds: ['/tmp:/mnt:ro'],
    PortBindings: { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '0' }] },
    RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 2 },
    Memory: 64 * 1024 * 1024,
    NanoCpus: 500_000_000,
    Ulimits: [{ Name: 'nofile', Soft: 10, Hard: 20 }],
    Mounts: [{ Type: 'volume', Source: 'fuzz', Target: '/v', VolumeOptions: { Labels: {} } }],
    LogConfig: { Type: 'json-file', Config: { 'max-size': '1m' } },
    Devices: [{ PathOnHost: '/dev/null', PathInContainer: '/dev/x', CgroupPermissions: 'r' }],
    SecurityOpt: ['no-new-privileges'],
    Tmpfs: { '/run': 'size=1m' },
    Sysctls: { 'net.ipv4.ip_forward': '1' },
  },
  NetworkingConfig: { EndpointsConfig: { bridge: { Aliases: ['x'] } } },
};

const BODIES: readonly (readonly [string, Json])[] = [
  ['POST /containers/create?name=made', CREATE],
  ['POST /containers/create', CREATE],
  ['POST /containers/box/exec', { Cmd: ['true'], AttachStdout: true, Env: ['A=b'], User: '0' }],
  ['POST /containers/spare/update', { Memory: 64_000_000, RestartPolicy: { Name: 'no' } }],
  [
    'POST /networks/create',
    { Name: 'fuzz', IPAM: { Config: [{ Subnet: '10.9.8.0/24', Gateway: '10.9.8.1' }] } },
  ],
  ['POST /networks/bridge/connect', { Container: 'spare', EndpointConfig: { Aliases: ['y'] } }],
  ['POST /volumes/create', { Name: 'fuzz', DriverOpts: { type: 'tmpfs' }, Labels: { a: 'b' } }],
  ['POST /commit?container=spare', { Cmd: ['true'], Env: ['A=b'], ExposedPorts: { '1/tcp': {} } }],
];

function body(random: Random): Buffer {
  const [line, value] = random.pick(BODIES);
  const text = jsonText(random, mutated(random, value));
  const type = random.pick([
    ...Array.from({ length: 9 }, () => 'application/json'),
    'text/plain',
    'application/json; charset=utf-8',
  ]);
  return request(line, [`Content-Type: ${type}`, length(text)], text);
}

const QUERIES: readonly (readonly [string, readonly string[]])[] = [
  ['GET /containers/json', ['all', 'limit', 'size', 'filters']],
  ['GET /images/json', ['all', 'filters', 'digests']],
  ['GET /networks', ['filters']],
  ['GET /volumes', ['filters']],
  ['GET /events', ['since', 'until', 'filters']],
  ['GET /containers/box/logs', ['stdout', 'stderr', 'since', 'until', 'tail', 'timestamps']],
  ['GET /containers/box/top', ['ps_args']],
  ['GET /containers/box/stats', ['stream', 'one-shot']],
  ['GET /containers/box/archive', ['path']],
  ['HEAD /containers/box/archive', ['path']],
  ['GET /containers/box/changes', ['x']],
  ['GET /system/df', ['type', 'verbose']],
  ['GET /images/get', ['names']],
  ['GET /shiplog/v1/events', ['from', 'limit', 'follow']],
  ['GET /shiplog/v1/containers/box/why', ['at', 'x']],
  ['POST /containers/box/resize', ['h', 'w']],
  ['POST /containers/box/wait', ['condition']],
  ['POST /containers/spare/kill', ['signal']],
  ['POST /containers/renamed/rename', ['name']],
  ['POST /images/busybox/tag', ['repo', 'tag']],
  ['POST /images/create', ['fromImage', 'fromSrc', 'platform', 'repo']],
  ['POST /volumes/prune', ['filters']],
  ['DELETE /images/none', ['force', 'noprune']],
  ['DELETE /containers/none', ['force', 'v', 'link']],
];

const VALUES: readonly string[] = [
  ...[
    '',
    '0',
    '1',
    '-1',
    'true',
    '1e9',
    '99999999999999999999',
    '1.5',
    '1700000000.123456789',
    'x',
  ],
  ...[
    '%00',
    '%',
    '%zz',
    '%ff%fe',
    '/',
    '..%2f..%2fetc',
    '%0d%0aA:%20b',
    '+',
    '💣',
    '{',
    '[]',
    '{}',
  ],
  ...['{"label":["a"]}', '{"label":{"a":true}}', '{"label":1}', '{"nosuch":["x"]}', 'null', '"a"'],
  ...[
    '{"name":["("]}',
    '{"until":["x"]}',
    '{"before":["none"]}',
    '-Z%20-p%201',
    'SIGKILL',
    'RTMAX',
  ],
];

function query(random: Random): Buffer {
  const [line, names] = random.pick(QUERIES);
  const asked = Array.from({ length: 1 + random.below(3) }, () => {
    const value = random.chance(0.1) ? String(nasty(random)) : random.pick(VALUES);
    return `${random.pick(names)}=${value}`;
  });
  const path = line.replace('/box/', random.chance(0.1) ? '/%2e%2e/' : '/box/');
  return request(`${path}?${asked.join('&').replaceAll(/[\s\0]/g, '+')}`, []);
}

const HEADERS: readonly string[] = [
  ...['Content-Length: 4', 'Content-Length: 5', 'Content-Length: -1', 'Content-Length: 1e3'],
  ...['Content-Length: 99999999999999999999', 'Content-Length:', 'Transfer-Encoding: chunked'],
  ...['Transfer-Encoding: gzip, chunked', 'Transfer-Encoding: chunked, chunked', 'Host: other'],
  ...['Transfer-Encoding : chunked', ' folded: yes', 'no colon', ': no name', 'A\0: b', 'A: b\0c'],
  ...['Upgrade: tcp', 'Upgrade: h2c', 'Connection: Upgrade', 'Connection: close', 'Expect: x'],
  ...['Expect: 100-continue', 'Content-Type: application/json', 'Accept-Encoding: gzip', 'TE: x'],
  ...['X-Registry-Auth: !!!!', 'User-Agent: \x80\xff', `X: ${'a'.repeat(150_000)}`, 'Range: x'],
  ...['Content-Encoding: gzip', 'Host:', 'HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA'],
];

const LINES: readonly string[] = [
  ...['GET /_ping', 'HEAD /_ping', 'POST /containers/create', 'GET http://x/_ping', 'GET *'],
  ...['OPTIONS *', 'CONNECT x:80', 'get /_ping', 'PRI *', 'GET //', 'GET /v1.999/info', 'GET /v/x'],
  ...[
    'GET /\xff',
    'GET /%',
    'GET /containers/%00/json',
    `GET /${'a'.repeat(20_000)}`,
    'GET ',
    '\0',
  ],
  ...['GET /_ping HTTP/9.9\r\nA: b\r\n', 'POST /images/load', 'PUT /containers/box/archive?path=/'],
];

const BODY_BYTES: readonly string[] = [
  ...[
    '',
    '{}',
    '4\r\n{  }\r\n0\r\n\r\n',
    'zz\r\n{}\r\n',
    '-1\r\n',
    'ffffffffffffffff1\r\n',
    '0\r\n',
  ],
  ...[
    '4;ext=1\r\n{  }\r\n0\r\nTrailer: x\r\n\r\n',
    'GET /_ping HTTP/1.1\r\nHost: x\r\n\r\n',
    '\r\n\r\n',
  ],
  ...[`1;${'e'.repeat(20_000)}\r\n`, '4\r\n{  }XX\r\n0\r\n\r\n'],
];

function head(random: Random): Buffer {
  const headers = Array.from({ length: random.below(5) }, () => random.pick(HEADERS));
  const many = random.chance(0.05) ? Array.from({ length: 3_000 }, (_, i) => `H${i}: x`) : [];
  const bytes = request(random.pick(LINES), [...headers, ...many], random.pick(BODY_BYTES));
  return random.chance(0.3) ? damaged(random, bytes) : bytes;
}

const KEYS: readonly string[] = ['', 'dGhlIHNhbXBsZSBub25jZQ==', '!', 'AAAA', 'a'.repeat(5_000)];

const webSocket = (random: Random): readonly string[] => [
  'Upgrade: websocket',
  'Connection: Upgrade',
  `Sec-WebSocket-Version: ${random.pick(['13', '13', '8', 'x', ''])}`,
  `Sec-WebSocket-Key: ${random.pick(KEYS)}`,
];

async function upgrade(random: Random, { exec }: Material): Promise<Buffer> {
  const asked = ['stream', 'stdin', 'stdout', 'stderr', 'logs', 'detachKeys']
    .filter(() => random.chance(0.6))
    .map((name) => `${name}=${random.chance(0.7) ? '1' : random.pick(VALUES)}`)
    .join('&');
  const start = JSON.stringify(mutated(random, { Detach: false, Tty: false }));
  const lines: readonly (readonly [string, string])[] = [
    [`POST /containers/box/attach?${asked}`, ''],
    [`GET /containers/box/attach/ws?${asked}`, ''],
    [`POST /exec/${random.chance(0.5) ? await exec() : 'none'}/start`, start],
    ['POST /containers/none/attach?stream=1', ''],
    ['GET /_ping', ''],
  ];
  const [line, sent] = random.pick(lines);
  const headers = random.pick([
    ['Upgrade: tcp', 'Connection: Upgrade'],
    ['Upgrade: tcp'],
    ['Connection: Upgrade'],
    ['Upgrade: nonsense', 'Connection: keep-alive, Upgrade'],
    webSocket(random),
    [],
  ]);
  const typed = sent === '' ? [] : ['Content-Type: application/json', length(sent)];
  const chunked = random.chance(0.1) ? ['Transfer-Encoding: chunked'] : [];
  return request(line, [...headers, ...typed, ...chunked], `${sent}${noise(random, 200)}`);
}

function frame(random: Random): Buffer {
  const payload = noise(random, 300);
  const masked = random.chance(0.9) ? 0x80 : 0;
  const size = random.pick([payload.length & 0x7f, 126, 127, 0, 125]);
  return Buffer.concat([Buffer.from([random.below(256), masked | size]), payload]);
}

function frames(random: Random): Buffer {
  const bytes = Buffer.concat(Array.from({ length: 1 + random.below(5) }, () => frame(random)));
  const asked = 'stream=1&stdin=1&stdout=1';
  if (random.chance(0.3)) {
    const headers = ['Upgrade: tcp', 'Connection: Upgrade'];
    return request(`POST /containers/box/attach?${asked}`, headers, bytes);
  }
  const headers = [
    ...['Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13'],
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  ];
  return request(`GET /containers/box/attach/ws?${asked}`, headers, bytes);
}

const TAR_LINES: readonly string[] = [
  'PUT /containers/spare/archive?path=/tmp',
  'POST /images/load',
  'POST /images/create?fromSrc=-',
];

async function tar(random: Random, { tars, imageOf }: Material): Promise<Buffer> {
  const whole = random.pick(tars);
  const bytes = random.pick([
    () => damaged(random, whole),
    () => damaged(random, gzipSync(whole)),
    () => gzipSync(damaged(random, whole)),
    () => imageOf(damaged(random, whole)),
  ]);
  const sent = await bytes();
  const headers = ['Content-Type: application/x-tar', length(sent)];
  return request(random.pick(TAR_LINES), headers, sent);
}

const MAKERS = { body, query, head, upgrade, frames, tar } satisfies Record<string, Make>;
export type Kind = keyof typeof MAKERS;
export const KINDS = Object.keys(MAKERS) as readonly Kind[];

export async function makeCase(random: Random, kind: Kind, material: Material): Promise<Case> {
  const bytes = await MAKERS[kind](random, material);
  const then = random.pick(['waits', 'waits', 'waits', 'ends', 'vanishes'] as const);
  return { kind, bytes, then };
}
