/**
 * A small image for tests, made in memory from this machine's static busybox: the archive that
 * `docker save` would give. The same parameters give the same bytes.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { pack } from 'tar-stream';

export interface BusyboxImage {
  /** Default: `busybox:latest`. */
  readonly repoTags?: readonly string[];
  readonly env?: readonly string[];
  readonly cmd?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  /** Further members of the image's `config` object, e.g. `{ User: 'web' }`. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Text files by path without a leading slash; one more layer. */
  readonly files?: Readonly<Record<string, string>>;
  /** Targets of symbolic links by path without a leading slash; one more layer. */
  readonly links?: Readonly<Record<string, string>>;
}

export interface BuiltImage {
  /** A docker-archive, uncompressed. */
  readonly archive: Buffer;
  /** `sha256:<hex>` of the config. */
  readonly id: string;
}

const APPLETS = [
  ...['sh', 'ash', 'cat', 'chmod', 'cp', 'cut', 'date', 'dd', 'df', 'echo', 'env', 'expr', 'false'],
  ...['find', 'free', 'grep', 'head', 'hostname', 'id', 'ip', 'kill', 'ln', 'ls', 'mkdir', 'mount'],
  ...['mv', 'nc', 'nproc', 'printf', 'ps', 'pwd', 'readlink', 'rm', 'rmdir', 'sed', 'seq', 'sleep'],
  ...[
    'sort',
    'stat',
    'stty',
    'sync',
    'tail',
    'tar',
    'tee',
    'test',
    'timeout',
    'touch',
    'tr',
    'true',
  ],
  ...['tty', 'uname', 'uniq', 'usleep', 'wc', 'wget', 'which', 'whoami', 'xargs', 'yes'],
];

const PASSWD = [
  'root:x:0:0:root:/root:/bin/sh',
  'web:x:1000:1000:web:/home/web:/bin/sh',
  'nobody:x:65534:65534:nobody:/nonexistent:/bin/false',
];
const GROUP = ['root:x:0:', 'staff:x:50:web', 'web:x:1000:', 'nogroup:x:65534:'];

/** Engine names of Node's architectures. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

export async function buildBusyboxImage(image: BusyboxImage = {}): Promise<BuiltImage> {
  const layers = [await rootLayer()];
  if (image.files !== undefined) layers.push(await fileLayer(image.files));
  if (image.links !== undefined) layers.push(await linkLayer(image.links));
  const config = Buffer.from(JSON.stringify(configOf(image, layers)));
  const id = sha256(config);
  const named = layers.map((layer) => ({ name: `${sha256(layer)}/layer.tar`, layer }));
  const manifest = {
    Config: `${id}.json`,
    RepoTags: image.repoTags ?? ['busybox:latest'],
    Layers: named.map(({ name }) => name),
  };
  const archive = await tar((entries) => {
    for (const { name, layer } of named) entries.file(name, layer);
    entries.file(`${id}.json`, config);
    entries.file('manifest.json', Buffer.from(JSON.stringify([manifest])));
  });
  return { archive, id: `sha256:${id}` };
}

function configOf(image: BusyboxImage, layers: readonly Buffer[]): object {
  return {
    architecture: ARCHITECTURES[process.arch] ?? process.arch,
    os: 'linux',
    created: '2024-01-02T03:04:05.678901234Z',
    config: {
      Env: image.env ?? ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
      Cmd: image.cmd ?? ['sh'],
      ...(image.entrypoint === undefined ? {} : { Entrypoint: image.entrypoint }),
      ...(image.labels === undefined ? {} : { Labels: image.labels }),
      ...image.config,
    },
    rootfs: { type: 'layers', diff_ids: layers.map((layer) => `sha256:${sha256(layer)}`) },
    history: layers.map(() => ({ created: '2024-01-02T03:04:05Z', created_by: 'shiplog tests' })),
  };
}

function rootLayer(): Promise<Buffer> {
  return tar((entries) => {
    for (const name of ['bin', 'dev', 'etc', 'home', 'proc', 'root', 'sys', 'usr', 'usr/bin']) {
      entries.folder(name, 0o755);
    }
    entries.folder('home/web', 0o755, 1000);
    entries.folder('tmp', 0o1777);
    entries.file('bin/busybox', readFileSync('/bin/busybox'), 0o755);
    for (const applet of APPLETS) entries.link(`bin/${applet}`, 'busybox');
    entries.link('usr/bin/env', '../../bin/busybox');
    entries.file('etc/passwd', Buffer.from(`${PASSWD.join('\n')}\n`));
    entries.file('etc/group', Buffer.from(`${GROUP.join('\n')}\n`));
  });
}

function fileLayer(files: Readonly<Record<string, string>>): Promise<Buffer> {
  return tar((entries) => {
    for (const [name, text] of Object.entries(files)) entries.file(name, Buffer.from(text));
  });
}

function linkLayer(links: Readonly<Record<string, string>>): Promise<Buffer> {
  return tar((entries) => {
    for (const [name, target] of Object.entries(links)) entries.link(name, target);
  });
}

interface Entries {
  file(name: string, content: Buffer, mode?: number): void;
  folder(name: string, mode: number, owner?: number): void;
  link(name: string, target: string): void;
}

/** Every entry has the same time, so that the same content gives the same digest. */
async function tar(write: (entries: Entries) => void): Promise<Buffer> {
  const stream = pack();
  const mtime = new Date(0);
  write({
    file: (name, content, mode = 0o644) => stream.entry({ name, mode, mtime }, content),
    folder: (name, mode, owner = 0) =>
      stream.entry({ name, mode, mtime, type: 'directory', uid: owner, gid: owner }),
    link: (name, linkname) => stream.entry({ name, linkname, mtime, type: 'symlink' }),
  });
  stream.finalize();
  return await buffer(stream);
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
