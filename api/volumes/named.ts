/** What a volume may be called and asked for, in the words of docker's local driver. */
import { apiError } from '../errors.ts';

const ANONYMOUS = 'com.docker.volume.anonymous';
const OPTIONS = ['type', 'o', 'device', 'size'];

export interface AskedVolume {
  /** null: it gets a name by chance. */
  readonly name: string | null;
  readonly driver: string;
  readonly options: Readonly<Record<string, string>> | null;
  readonly labels: Readonly<Record<string, string>> | null;
}

/** @throws ApiError */
export function checkVolume({ name, driver, options }: AskedVolume): void {
  const shown = name ?? '';
  if (driver !== '' && driver !== 'local')
    throw apiError('no-volume-driver', { name: shown, driver });
  if (name !== null) checkName(name);
  checkOptions(shown, options ?? {});
}

function checkName(name: string): void {
  if (name.length === 1) {
    const why = 'volume name is too short, names should be at least two alphanumeric characters';
    throw refuse(name, why);
  }
  if (/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(name)) return;
  const why =
    `${JSON.stringify(name)} includes invalid characters for a local volume name, only ` +
    '"[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use ' +
    'absolute path';
  throw refuse(name, why);
}

function checkOptions(name: string, given: Readonly<Record<string, string>>): void {
  const unknown = Object.keys(given).find((option) => !OPTIONS.includes(option));
  if (unknown !== undefined) throw refuse(name, `invalid option: ${JSON.stringify(unknown)}`);
  if ('size' in given) throw refuse(name, 'quota size requested but no quota support');
  const missing = (option: string) =>
    refuse(name, `missing required option: ${JSON.stringify(option)}`);
  const any = Object.keys(given).length > 0;
  if (any && (given['device'] ?? '') === '') throw missing('device');
  if (any && (given['type'] ?? '') === '') throw missing('type');
}

const refuse = (name: string, why: string) =>
  apiError('bad-parameter', { message: `create ${name}: ${why}` });

/** The labels as they are kept: one without a name is marked, as dockerd does from 23.0 on. */
export function labelsOf({ name, labels }: AskedVolume): AskedVolume['labels'] {
  if (name !== null) return labels;
  return { ...labels, [ANONYMOUS]: '' };
}
