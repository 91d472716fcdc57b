/**
 * What both engines are asked about files of containers. A tar is compared by its entries: name,
 * kind, mode and owner; the header of a path by what does not depend on the file system.
 */
import { padding, type TarEntry } from '../../effects/tar/entry.ts';
import { encodeHeader, tarEnd } from '../../effects/tar/header.ts';
import type { Row } from './rowKinds.ts';
import type { StateName } from './states.ts';

type Given = Partial<TarEntry> & { readonly content?: string };

function tar(...entries: readonly Given[]): Buffer {
  const blocks = entries.flatMap(({ content = '', ...entry }) => [
    encodeHeader({
      kind: 'file',
      name: 'a',
      linkName: '',
      mode: 0o644,
      uid: 0,
      gid: 0,
      size: content.length,
      mtime: 1_600_000_000,
      xattrs: new Map(),
      device: { major: 0, minor: 0 },
      ...entry,
    }),
    Buffer.from(content),
    Buffer.alloc(padding(content.length)),
  ]);
  return Buffer.concat([...blocks, tarEnd()]);
}

const on = (state: StateName, method: string, path: string, extra: Partial<Row> = {}): Row => ({
  title: `${state}: ${method} ${path}${extra.title === undefined ? '' : ` (${extra.title})`}`,
  state,
  method,
  path,
  ...(extra.body === undefined ? {} : { body: extra.body }),
  ...(extra.show === undefined ? {} : { show: extra.show }),
});

const put = (path: string, title: string, bytes: Buffer | string, query = ''): Row =>
  on('created', 'PUT', `/containers/{c}/archive?path=${path}${query}`, { title, body: bytes });

const file = { content: 'hello' };
const strict = '&noOverwriteDirNonDir=1';
const symlink = (name: string, linkName: string): Given => ({ kind: 'symlink', name, linkName });
const link = (name: string, linkName: string): Given => ({ kind: 'link', name, linkName });
const directory = (name: string): Given => ({ kind: 'directory', name, mode: 0o755 });

const whole = (answer: unknown): unknown => answer;

export const ARCHIVE_ROWS: readonly Row[] = [
  ...(['created', 'running', 'paused', 'exited'] as const).flatMap((state) => [
    on(state, 'HEAD', '/containers/{c}/archive?path=/bin/busybox'),
    on(state, 'PUT', '/containers/{c}/archive?path=/', { body: tar(file) }),
    on(state, 'GET', '/containers/{c}/changes', { show: whole }),
  ]),
  on('created', 'HEAD', '/containers/{c}/archive?path=/none'),
  on('created', 'GET', '/containers/{c}/archive?path=/none'),
  on('created', 'GET', '/containers/{c}/archive?path=none/deeper'),
  on('created', 'GET', '/containers/{c}/archive?path='),
  on('created', 'GET', '/containers/{c}/archive'),
  on('created', 'GET', '/containers/nobody/archive?path=/'),
  on('created', 'PUT', '/containers/nobody/archive?path=/', { body: tar(file) }),
  on('created', 'GET', '/containers/nobody/changes'),
  on('created', 'GET', '/containers/nobody/export'),
  on('created', 'POST', '/commit?container=nobody', { body: {} }),
  on('created', 'POST', '/commit?container={c}&repo=UPPER', { body: {} }),
  on('created', 'POST', '/commit?container={c}&changes=RUN+true', { body: {} }),
  put('/none', 'no such directory', tar(file)),
  put('/bin/busybox', 'a file', tar(file)),
  put('', 'no path', tar(file)),
  put('/tmp', 'nothing', tar()),
  put('/tmp', 'no tar', Buffer.alloc(1024, 'x')),
  put('/tmp', 'cut off', tar(file).subarray(0, 514)),
  put('/tmp', 'a name that leads out', tar({ name: '../x', ...file })),
  put('/tmp', 'a link that leads out', tar(symlink('l', '../x'))),
  put('/tmp', 'an absolute link', tar(symlink('l', '/etc/passwd'))),
  put('/tmp', 'a hard link that leads out', tar(link('l', '../x'))),
  put('/tmp', 'a hard link to nothing', tar(link('l', 'x'))),
  put('/', 'a directory onto a file', tar(directory('bin/busybox')), strict),
  put('/', 'a file onto a directory', tar({ name: 'bin', ...file }), strict),
  put('/', 'the hosts file', tar({ name: 'etc/hosts', ...file })),
  put('/tmp', 'a device', tar({ kind: 'char', name: 'null', device: { major: 1, minor: 3 } })),
];
