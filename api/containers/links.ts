/** `--link` of the default bridge, as it is asked for and as it is shown. */
import { linksOf, parseLink } from '../../machines/container.links.ts';
import type { ContainerDetails } from '../../projections/views.ts';
import { apiError } from '../errors.ts';
import type { ContainerCreateRequest } from '../openapi.gen.ts';
import type { ApiPorts } from '../ports.ts';

const invalid = (message: string) => apiError('invalid-create', { message });
const PLAIN = ['', 'default', 'bridge', 'none'];

/** On other networks a name may come later. @throws ApiError 400 */
export function checkLinks(
  { containers }: Pick<ApiPorts, 'containers'>,
  { HostConfig }: ContainerCreateRequest,
): void {
  if (!PLAIN.includes(HostConfig?.NetworkMode ?? '')) return;
  for (const given of HostConfig?.Links ?? []) {
    if (given === '') throw invalid('empty string specified for links');
    const link = parseLink(given);
    if (link === undefined) throw invalid(`bad format for links: ${given}`);
    const { container } = link;
    const found = containers.resolve(container);
    if (found.kind !== 'found')
      throw invalid(`could not get container for ${container}: No such container: ${container}`);
    if (containers.get(found.id)?.hostConfig.NetworkMode === 'host')
      throw invalid(
        "conflicting options: host type networking can't be used with links. " +
          'This would result in undefined behavior',
      );
  }
}

/** `/web:/own/alias`, of those that are still there; null: there are none. */
export function shownLinks(
  { containers }: Pick<ApiPorts, 'containers'>,
  { name, hostConfig }: ContainerDetails,
): readonly string[] | null {
  const shown = linksOf(hostConfig).flatMap(({ container, alias }) => {
    const found = containers.resolve(container);
    const other = found.kind === 'found' ? containers.get(found.id) : undefined;
    return other === undefined ? [] : [`/${other.name}:/${name}/${alias}`];
  });
  return shown.length === 0 ? null : shown;
}
