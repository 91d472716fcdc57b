/**
 * What both engines are asked about volumes and mounts. A source that lies in an engine's own data
 * is shown from `volumes/` on.
 */
import { on, plain, type Row } from './rowKinds.ts';
import { body } from './states.ts';

const create = (what: string, host: object, config: object = {}): Row => ({
  title: `create with ${what}`,
  method: 'POST',
  path: '/containers/create',
  body: body(config, host),
});

const bind = (given: string): Row => create(`-v ${given}`, { Binds: [given] });
const mount = (spec: object): Row => create(`mount ${JSON.stringify(spec)}`, { Mounts: [spec] });

/** Without times and without where the data lies. */
function shownVolume(answer: unknown): unknown {
  const { CreatedAt: _, ...rest } = Object(answer);
  const { Mountpoint: path = '' } = rest;
  return { ...rest, Mountpoint: String(path).replace(/^.*\/volumes\//, 'volumes/') };
}

function shownMounts(answer: unknown): unknown {
  const mounts: readonly { readonly Source: string; readonly Destination: string }[] =
    Object(answer)['Mounts'] ?? [];
  return mounts
    .map((one) => ({ ...one, Source: one.Source.replace(/^.*\/volumes\//, 'volumes/') }))
    .toSorted((left, right) => left.Destination.localeCompare(right.Destination));
}

/** What the container found of its mounts, as its check has printed it. */
function mountsInside(answer: unknown): unknown {
  const [first] = Object(answer)['State']?.['Health']?.['Log'] ?? [];
  return String(first?.['Output']).split('\n');
}

const made = (title: string, given: object): Row =>
  plain('POST', '/volumes/create', { title, body: given, show: shownVolume });
const refused = (given: object): Row =>
  plain('POST', '/volumes/create', {
    title: `POST /volumes/create ${JSON.stringify(given)}`,
    body: given,
  });

const device = { type: 'tmpfs', device: 'tmpfs', o: 'size=1m' };

const volumes: readonly Row[] = [
  made('a volume', { Name: 'one' }),
  made('a volume that is there', { Name: 'one', Labels: { a: 'b' } }),
  made('a volume with labels', { Name: 'labelled', Labels: { a: 'b' }, Driver: 'local' }),
  made('a volume with a device', { Name: 'device', DriverOpts: device }),
  refused({ Name: 'a' }),
  refused({ Name: 'a/b' }),
  refused({ Name: '../up' }),
  refused({ Name: 'opt', DriverOpts: { foo: 'bar' } }),
  refused({ Name: 'opt', DriverOpts: { type: 'tmpfs' } }),
  refused({ Name: 'opt', DriverOpts: { device: 'tmpfs' } }),
  refused({ Name: 'opt', DriverOpts: { o: 'size=1m' } }),
  // dockerd looks for a plugin for as long as half a minute.
  plain('POST', '/volumes/create', {
    title: 'a volume of an unknown driver',
    body: { Name: 'opt', Driver: 'bogus' },
    only: 'shiplog',
  }),
  plain('GET', '/volumes/one', { show: shownVolume }),
  plain('GET', '/volumes/device', { show: shownVolume }),
  plain('GET', '/volumes?filters={"name":["lab"]}', {
    show: (answer) => Object(answer)['Volumes'].map(shownVolume),
  }),
  plain('GET', '/volumes?filters={"label":["a=b"]}', {
    show: (answer) => Object(answer)['Volumes'].map(shownVolume),
  }),
  plain('GET', '/volumes?filters={"driver":["x"]}', { show: (answer) => answer }),
  plain('GET', '/volumes?filters={"dangling":["x"]}'),
  plain('DELETE', '/volumes/labelled'),
  plain('DELETE', '/volumes/labelled', { title: 'DELETE it again' }),
  plain('DELETE', '/volumes/labelled?force=1'),
  plain('DELETE', '/volumes/device'),
];

const BINDS: readonly string[] = [
  ...['/proc:/t:bogus', '/proc:/t:ro,rw', '/proc:/t:rro', '/proc:/t:nocopy', '/proc::/t'],
  ...['a:b:c:d', 'one:rel', '/proc:rel', './x:/t', 'x!:/t', '/proc:/', 'one:/', '/', '', 'ro'],
  ...['/a:ro', ':/t', '/proc:', 'q:/t', '..:/t', 'one:/d:private', '/proc:/t:', '/proc:/t:cached'],
];

const bound = { Type: 'bind', Source: '/proc', Target: '/t' };
const named = { Type: 'volume', Source: 'one', Target: '/t' };

const SPECS: readonly object[] = [
  { ...bound, Source: '/nonesuch' },
  { ...bound, Source: '' },
  { ...bound, Source: 'rel' },
  { ...bound, Target: '' },
  { ...bound, Target: 'rel' },
  { ...bound, Target: '/' },
  { ...bound, BindOptions: { Propagation: 'bogus' } },
  { ...named, Source: 'a/b' },
  { ...named, Source: '/abs' },
  { ...named, Target: '' },
  { ...named, Target: 'rel' },
  { ...named, Target: '/' },
  { Type: 'volume', Target: '/t', ReadOnly: true },
  { Type: 'tmpfs', Source: 'x', Target: '/t' },
  { Type: 'tmpfs', Target: 'rel' },
  { Type: 'tmpfs', Target: '/' },
  { Type: 'npipe', Source: '/proc', Target: '/t' },
  { Type: 'bogus', Source: '/proc', Target: '/t' },
  { Source: '/proc', Target: '/t' },
];

const conflicts: readonly Row[] = [
  create('two binds at one target', { Binds: ['one:/d', '/proc:/d/'] }),
  create('a bind and a tmpfs at one target', { Binds: ['one:/d'], Tmpfs: { '/d': '' } }),
  create('a bind and a mount at one target', { Binds: ['one:/t'], Mounts: [named] }),
  create('a tmpfs at a relative target', { Tmpfs: { t: '' } }),
  create('a tmpfs at the root', { Tmpfs: { '/': '' } }),
  create('volumes of nobody', { VolumesFrom: ['nobody'] }),
  create('volumes of the empty name', { VolumesFrom: [''] }),
  create('volumes with a mode that means nothing', { VolumesFrom: ['nobody:bogus'] }),
];

export const VOLUME_ROWS: readonly Row[] = [
  ...volumes,
  ...BINDS.map(bind),
  ...SPECS.map(mount),
  ...conflicts,
  on('created, with mounts', 'GET', '/containers/{c}/json', { show: shownMounts }),
  on('exited, having looked at its mounts', 'GET', '/containers/{c}/json', { show: mountsInside }),
  on('created, with a device that is not there', 'DELETE', '/volumes/lost'),
  on('created, with a tmpfs option that means nothing', 'POST', '/containers/{c}/start'),
  on('created, with a bind that can not be shared', 'POST', '/containers/{c}/start'),
  on('created, with a device that is not there', 'POST', '/containers/{c}/start'),
];
