/** `POST /images/create`: import from a tar. Pulling from a registry is not there yet. */
import { apiError } from '../errors.ts';
import type { ApiPorts, ImportedTar } from '../ports.ts';
import type { ApiRequest, Handler, Reply } from '../request.ts';
import { rfc3339 } from '../time.ts';
import { changed } from './changes.ts';
import { archiveFailure, line } from './load.ts';
import { goArchitecture } from './lookup.ts';
import { newReference } from './tag.ts';

const unsupported = (what: string) => apiError('unsupported', { what });

/** `os[/architecture[/variant]]`; what is left out is the host's. @throws ApiError 400 */
function platform(ports: ApiPorts, asked: string): ImportedTar['platform'] {
  const host = goArchitecture(ports.daemon.info().host.architecture);
  const [os = '', architecture = '', variant = ''] = asked.toLowerCase().split('/');
  if (os !== '' && os !== 'linux') {
    const message = `operating system is not supported: ${JSON.stringify(os)}`;
    throw apiError('bad-parameter', { message });
  }
  return {
    os: 'linux',
    architecture: architecture === '' ? host : goArchitecture(architecture),
    variant,
  };
}

function importRequest(ports: ApiPorts, { query }: ApiRequest): ImportedTar {
  const repo = query.get('repo') ?? '';
  const message = query.get('message') ?? '';
  return {
    platform: platform(ports, query.get('platform') ?? ''),
    config: changed({}, query.getAll('changes')),
    message: message === '' ? 'Imported from -' : message,
    created: rfc3339(ports.ambient.nowNs()),
    reference: repo === '' ? null : newReference(repo, query.get('tag') ?? ''),
  };
}

async function importTar(ports: ApiPorts, request: ApiRequest): Promise<Reply> {
  const asked = importRequest(ports, request);
  try {
    const { body, info, signal } = request;
    const id = await ports.imageStore.import(body, asked, info, signal);
    const headers = { 'Content-Type': 'application/json' };
    return { kind: 'text', status: 200, text: line({ status: id }), headers };
  } catch (error) {
    throw archiveFailure(error);
  }
}

export const create: Handler = ({ ports }, request) => {
  const source = request.query.get('fromSrc') ?? '';
  if (source === '-') return importTar(ports, request);
  throw unsupported(
    source === '' ? 'pulling images (use docker load)' : 'importing from a URL (use - and a pipe)',
  );
};
