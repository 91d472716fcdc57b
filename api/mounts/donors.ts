/** `--volumes-from`: the binds and volumes of another container, as it has them now. */
import type { ContainerDetails } from '../../projections/views.ts';
import { apiError } from '../errors.ts';
import { isMode, isNoCopy, isReadWrite, propagationOf } from './modes.ts';
import type { WantedMount } from './wanted.ts';

/** @param given `container[:ro|rw]`. @throws ApiError */
export function mountsOfDonor(
  given: string,
  find: (ref: string) => ContainerDetails | undefined,
): readonly WantedMount[] {
  if (given === '')
    throw apiError('invalid-create', {
      message: 'volumes-from specification cannot be an empty string',
    });
  const at = given.indexOf(':');
  const ref = at < 0 ? given : given.slice(0, at);
  const mode = at < 0 ? 'rw' : given.slice(at + 1);
  if (!isMode(mode) || propagationOf(mode) !== '' || isNoCopy(mode))
    throw apiError('invalid-create', { message: `invalid mode: ${mode}` });
  const donor = find(ref);
  if (donor === undefined)
    throw apiError('invalid-create', { message: `No such container: ${ref}` });
  return donor.mounts
    .filter(({ type }) => type !== 'tmpfs')
    .map(({ volume, anonymous: _, driverOptions, copyUp: __, ...point }) => ({
      point: { ...point, readWrite: point.readWrite && isReadWrite(mode) },
      ...(volume === undefined
        ? {}
        : { given: { volume, ...(driverOptions === undefined ? {} : { driverOptions }) } }),
    }));
}
