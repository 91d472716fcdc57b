/** `container:<name or id>` as a mode, which is kept with the full id. */
import { donorOf } from '../../machines/container.donors.ts';
import { apiError } from '../errors.ts';
import type { ContainerCreateRequest } from '../openapi.gen.ts';
import type { ApiPorts } from '../ports.ts';

const MODES = ['IpcMode', 'PidMode', 'NetworkMode'] as const;

/** Names that a container has from whom its network is; undefined: that is still to come. */
export function donorNames(
  { containers }: Pick<ApiPorts, 'containers'>,
  mode: string,
): { readonly Hostname: string; readonly Domainname: string } | undefined {
  const details = containers.get(donorOf(mode) ?? '');
  if (details === undefined) return undefined;
  const { Hostname, Domainname } = details.config;
  return { Hostname, Domainname };
}

/**
 * A network's donor may come later: it is looked for when the container is started.
 * @throws ApiError 400 for a donor of IPC or PID that is not there
 */
export function withDonors(
  { containers }: Pick<ApiPorts, 'containers'>,
  asked: ContainerCreateRequest,
): ContainerCreateRequest {
  const modes: Record<string, string> = {};
  for (const field of MODES) {
    const ref = donorOf(asked.HostConfig?.[field] ?? '');
    if (ref === undefined || ref === '') continue;
    const found = containers.resolve(ref);
    if (found.kind === 'found') modes[field] = `container:${found.id}`;
    else if (found.kind === 'ambiguous') throw apiError('ambiguous-reference', { ref });
    else if (field !== 'NetworkMode')
      throw apiError('invalid-create', { message: `No such container: ${ref}` });
  }
  if (Object.keys(modes).length === 0) return asked;
  return { ...asked, HostConfig: { ...asked.HostConfig, ...modes } };
}
