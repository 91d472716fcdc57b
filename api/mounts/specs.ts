/** Mounts as `--mount` gives them (HostConfig.Mounts), checked in docker's order and words. */
import { posix } from 'node:path';
import type { MountPoint } from '../../machines/container.mounts.ts';
import { apiError } from '../errors.ts';
import type { MountRequest } from '../openapi.gen.ts';
import { type ApiVersion, before } from '../versions.ts';
import { isPropagation } from './modes.ts';
import type { WantedMount } from './wanted.ts';

export interface SpecContext {
  readonly version: ApiVersion;
  /** A bind that holds it spreads unmounts, so that nothing of the daemon's is kept busy. */
  readonly dataRoot: string;
  exists(path: string): boolean;
}

export class MountError extends Error {}

const wrong = (type: string, why: string): MountError =>
  new MountError(`invalid mount config for type ${JSON.stringify(type)}: ${why}`);

/** @throws ApiError 400 */
export function mountOfSpec(given: MountRequest, context: SpecContext): WantedMount {
  try {
    const spec = ofVersion(given, context.version);
    checkTarget(spec);
    return guarded(wantedOf(spec, context.exists), spec, context.dataRoot);
  } catch (error) {
    if (!(error instanceof MountError)) throw error;
    throw apiError('invalid-create', { message: error.message });
  }
}

const OPTIONS = { bind: 'BindOptions', volume: 'VolumeOptions', tmpfs: 'TmpfsOptions' } as const;

/** What the version does not know is left out or refused. @throws ApiError 400, MountError */
function ofVersion(spec: MountRequest, version: ApiVersion): MountRequest {
  const kept: { -readonly [K in keyof MountRequest]: MountRequest[K] } = { ...spec };
  for (const [type, field] of Object.entries(OPTIONS)) {
    if (type === (spec.Type ?? '') || kept[field] == null) continue;
    if (!before(version, '1.42') && Object.hasOwn(OPTIONS, spec.Type ?? '')) {
      const message = `${field} must not be specified on mount type ${JSON.stringify(spec.Type)}`;
      throw apiError('invalid-create', { message });
    }
    if (field === 'BindOptions' && Object.hasOwn(OPTIONS, spec.Type ?? ''))
      throw wrong(spec.Type ?? '', `field ${field} must not be specified`);
    delete kept[field];
  }
  const bind = kept.BindOptions ?? undefined;
  if (before(version, '1.44') && bind?.ReadOnlyForceRecursive === true)
    throw newer('BindOptions.ReadOnlyForceRecursive', '1.44');
  if (before(version, '1.45') && (kept.VolumeOptions?.Subpath ?? '') !== '')
    throw newer('VolumeOptions.Subpath', '1.45');
  if (kept.Type !== 'bind') return kept;
  const flat = before(version, '1.44') && spec.ReadOnly === true;
  const { CreateMountpoint: _, ...old } = bind ?? {};
  const options = before(version, '1.42') ? old : (bind ?? {});
  return { ...kept, BindOptions: { ...options, ...(flat ? { ReadOnlyNonRecursive: true } : {}) } };
}

const newer = (what: string, version: string) =>
  apiError('invalid-create', { message: `${what} needs API v${version} or newer` });

/** @throws MountError */
export function checkTarget({ Type: type = '', Target: target = '' }: MountRequest): void {
  if (target === '') throw wrong(type, 'field Target must not be empty');
  if (posix.normalize(target).replace(/(.)\/$/, '$1') === '/')
    throw wrong(type, "invalid specification: destination can't be '/'");
  if (!target.startsWith('/'))
    throw wrong(type, `invalid mount path: '${target}' mount path must be absolute`);
}

export const cleaned = (path: string): string => posix.normalize(path).replace(/(.)\/+$/, '$1');

/** @throws MountError */
function wantedOf(spec: MountRequest, exists: (path: string) => boolean): WantedMount {
  switch (spec.Type ?? '') {
    case 'bind':
      return bind(spec, exists);
    case 'volume':
      return volume(spec);
    case 'tmpfs':
      return tmpfs(spec);
    default:
      throw wrong(spec.Type ?? '', 'mount type unknown');
  }
}

/**
 * What lies in the daemon's own root, or holds it, is mounted so that unmounts reach the container.
 * @throws ApiError 400 if another propagation is asked for
 */
export function guarded(
  mount: WantedMount,
  { Source: source = '', BindOptions: options }: Pick<MountRequest, 'Source' | 'BindOptions'>,
  dataRoot: string,
): WantedMount {
  if (mount.point.type !== 'bind' || !touches(source, dataRoot)) return mount;
  const asked = options?.Propagation ?? '';
  if (asked === '') return { ...mount, point: { ...mount.point, propagation: 'rslave' } };
  if (asked === 'rslave' || asked === 'rshared') return mount;
  const message =
    'invalid mount config: must use either propagation mode "rslave" or "rshared" when mount ' +
    `source is within the daemon root, daemon root: "${dataRoot}", bind mount source: ` +
    `"${source}", propagation: "${asked}"`;
  throw apiError('invalid-create', { message });
}

function touches(source: string, root: string): boolean {
  const path = `${source.replace(/\/+$/, '')}/`;
  return path.startsWith(`${root}/`) || `${root}/`.startsWith(path);
}

const base = (spec: MountRequest, type: MountPoint['type']) => ({
  type,
  destination: cleaned(spec.Target ?? ''),
  readWrite: spec.ReadOnly !== true,
  source: '',
  mode: '',
  propagation: '',
});

function bind(spec: MountRequest, exists: (path: string) => boolean): WantedMount {
  const source = spec.Source ?? '';
  const options = spec.BindOptions ?? {};
  const { Propagation: propagation = '', ReadOnlyNonRecursive: plain = false } = options;
  if (source === '') throw wrong('bind', 'field Source must not be empty');
  if (propagation !== '' && !isPropagation(propagation))
    throw wrong('bind', `invalid propagation mode: ${propagation}`);
  if (!source.startsWith('/'))
    throw wrong('bind', `invalid mount path: '${source}' mount path must be absolute`);
  const makes = options.CreateMountpoint === true;
  if (!makes && !exists(source)) throw wrong('bind', `bind source path does not exist: ${source}`);
  const forced = options.ReadOnlyForceRecursive === true;
  if (plain && forced) throw wrong('bind', CONFLICT);
  return {
    point: {
      ...base(spec, 'bind'),
      source: cleaned(source),
      propagation: propagation === '' ? 'rprivate' : propagation,
      ...(makes ? { makeSource: true } : {}),
      ...(options.NonRecursive === true ? { flat: true } : {}),
      ...(plain ? { readOnly: 'plain' } : {}),
      ...(forced ? { readOnly: 'forced' } : {}),
    },
  };
}
const CONFLICT =
  'mount options conflict: ReadOnlyNonRecursive && BindOptions.ReadOnlyForceRecursive';

function volume(spec: MountRequest): WantedMount {
  const { NoCopy, Labels, DriverConfig, Subpath: subpath = '' } = spec.VolumeOptions ?? {};
  const name = spec.Source ?? '';
  if (name === '' && spec.ReadOnly === true)
    throw wrong('volume', 'must not set ReadOnly mode when using anonymous volumes');
  if (subpath !== '' && !isLocal(subpath))
    throw wrong('volume', 'subpath must be a relative path within the volume');
  return {
    point: {
      ...base(spec, 'volume'),
      mode: 'z',
      ...(NoCopy === true || subpath !== '' ? {} : { copyUp: true }),
      ...(subpath === '' ? {} : { subpath }),
    },
    volume: {
      name: name === '' ? null : name,
      driver: DriverConfig?.Name ?? '',
      options: DriverConfig?.Options ?? null,
      labels: Labels ?? null,
    },
  };
}

/** Not absolute, and never above where it begins. */
function isLocal(path: string): boolean {
  const clean = posix.normalize(path);
  return !clean.startsWith('/') && clean !== '..' && !clean.startsWith('../');
}

function tmpfs(spec: MountRequest): WantedMount {
  if ((spec.Source ?? '') !== '') throw wrong('tmpfs', 'field Source must not be specified');
  const { SizeBytes: size = 0, Mode: mode = 0, Options: more } = spec.TmpfsOptions ?? {};
  const options = [
    ...(mode === 0 ? [] : [`mode=${mode.toString(8)}`]),
    ...(size === 0 ? [] : [`size=${inUnits(size)}`]),
    ...(more ?? []).map((words) => words.join('=')),
  ];
  return { point: { ...base(spec, 'tmpfs'), ...(options.length === 0 ? {} : { options }) } };
}

/** In the largest unit that divides it. */
function inUnits(bytes: number): string {
  let value = bytes;
  let unit = '';
  for (const next of ['k', 'm', 'g']) {
    if (value % 1024 !== 0) break;
    value /= 1024;
    unit = next;
  }
  return `${value}${unit}`;
}
