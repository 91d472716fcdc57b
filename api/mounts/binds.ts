/** Mounts as `-v` gives them (HostConfig.Binds): `[source:]target[:modes]`. */
import { apiError } from '../errors.ts';
import { before } from '../versions.ts';
import { isMode, isNoCopy, isReadWrite, propagationOf } from './modes.ts';
import { checkTarget, cleaned, guarded, MountError, type SpecContext } from './specs.ts';
import type { WantedMount } from './wanted.ts';

const refuse = (message: string) => apiError('bad-mount', { message });
const shape = (given: string): string => `invalid volume specification: '${given}'`;

/** @param driver for volumes that it names. @throws ApiError */
export function mountOfBind(
  given: string,
  driver: string,
  { version, dataRoot }: Pick<SpecContext, 'version' | 'dataRoot'>,
): WantedMount {
  const { source, target, mode } = partsOf(given);
  if (!isMode(mode)) throw refuse(`invalid mode: ${mode}`);
  const isBind = source.startsWith('/');
  const type = isBind ? 'bind' : 'volume';
  const propagation = propagationOf(mode);
  try {
    checkTarget({ Type: type, Target: target });
    if (isBind && isNoCopy(mode)) throw extra(type, 'VolumeOptions');
    if (!isBind && propagation !== '') throw extra(type, 'BindOptions');
    if (source === '' && !isReadWrite(mode))
      throw new MountError('must not set ReadOnly mode when using anonymous volumes');
  } catch (error) {
    if (!(error instanceof MountError)) throw error;
    throw refuse(`${shape(given)}: ${error.message}`);
  }
  const readWrite = isReadWrite(mode);
  const at = { type, destination: cleaned(target), readWrite } as const;
  if (isBind) {
    const plain = !readWrite && before(version, '1.44');
    const spread = propagation === '' ? 'rprivate' : propagation;
    const how = { mode, propagation: spread, makeSource: true } as const;
    const point = { ...at, source: cleaned(source), ...how };
    const mount: WantedMount = { point: plain ? { ...point, readOnly: 'plain' } : point };
    const asked = { Source: source, BindOptions: { Propagation: propagation } };
    return guarded(mount, asked, dataRoot);
  }
  return {
    point: {
      ...at,
      source: '',
      mode: mode === '' ? 'z' : mode,
      propagation: '',
      ...(isNoCopy(mode) ? {} : { copyUp: true }),
    },
    volume: { name: source === '' ? null : source, driver, options: null, labels: null },
  };
}

const extra = (type: string, field: string): MountError =>
  new MountError(
    `invalid mount config for type ${JSON.stringify(type)}: field ${field} must not be specified`,
  );

function partsOf(given: string): { source: string; target: string; mode: string } {
  const parts = given.split(':');
  const [first = '', second = '', third = ''] = parts;
  if (first === '' || parts.length > 3) throw refuse(shape(given));
  if (parts.length === 1) return { source: '', target: first, mode: '' };
  // A target with modes alone is none: a volume without a name has no modes.
  if (parts.length === 2 && isMode(second)) throw refuse(shape(given));
  return { source: first, target: second, mode: third };
}
