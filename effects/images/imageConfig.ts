/** Reads an image's config blob: only what shiplog uses is checked, all else stays as it is. */
import type { HistoryEntry } from '../../machines/image.facts.ts';
import type { JsonObject, JsonValue } from '../../machines/words.ts';
import { LoadError } from './loadError.ts';

export interface ImageConfig {
  readonly created: string;
  readonly architecture: string;
  readonly os: string;
  readonly variant: string;
  readonly author: string;
  readonly config: JsonObject;
  readonly diffIds: readonly string[];
  readonly history: readonly HistoryEntry[];
  readonly comment: string;
}

const digestPattern = /^sha256:[0-9a-f]{64}$/;

/** @throws LoadError */
export function parseImageConfig(bytes: Buffer): ImageConfig {
  const whole = object(parseJson(bytes, 'image config'), 'image config');
  const os = text(whole, 'os');
  if (os !== '' && os !== 'linux') throw new LoadError(`cannot load ${os} image on linux`);
  return {
    created: text(whole, 'created'),
    architecture: text(whole, 'architecture'),
    os: os === '' ? 'linux' : os,
    variant: text(whole, 'variant'),
    author: text(whole, 'author'),
    config: object(whole['config'] ?? {}, 'config'),
    diffIds: diffIdsOf(object(whole['rootfs'] ?? null, 'rootfs')),
    history: historyOf(whole['history'] ?? []),
    comment: text(whole, 'comment'),
  };
}

/** @param what names it in the error. @throws LoadError */
export function parseJson(bytes: Buffer, what: string): JsonValue {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new LoadError(`invalid archive: ${what} is not JSON: ${why}`, { cause: error });
  }
}

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function object(value: JsonValue, what: string): JsonObject {
  if (isObject(value)) return value;
  throw new LoadError(`invalid archive: ${what} is not an object`);
}

function text(whole: JsonObject, field: string): string {
  const value = whole[field] ?? '';
  if (typeof value === 'string') return value;
  throw new LoadError(`invalid archive: ${field} of the image config is not a string`);
}

function diffIdsOf(rootfs: JsonObject): readonly string[] {
  const list = rootfs['diff_ids'] ?? [];
  if (Array.isArray(list) && list.every((id) => typeof id === 'string' && digestPattern.test(id))) {
    return list;
  }
  throw new LoadError('invalid archive: rootfs.diff_ids of the image config are not digests');
}

/** For people to read: what is not as it should be is no reason to refuse the image. */
function historyOf(list: JsonValue): readonly HistoryEntry[] {
  if (!Array.isArray(list)) return [];
  return list.filter(isObject).map((step: JsonObject) => {
    const said = (field: string): string => {
      const value = step[field];
      return typeof value === 'string' ? value : '';
    };
    return {
      created: said('created'),
      createdBy: said('created_by'),
      comment: said('comment'),
      empty: step['empty_layer'] === true,
    };
  });
}
