/**
 * `POST /shiplog/v1/containers`: as the Engine's create, of an image or of a root file system that
 * lies on the host, by Docker's options or by an OCI spec, as containerd's own client makes them.
 */
import { posix } from 'node:path';
import type { CustomParts } from '../../machines/container.config.ts';
import { jsonBody } from '../body.ts';
import { createCommand, type ImageSource, validateCreate } from '../containers/create.ts';
import { withDonors } from '../containers/donors.ts';
import { createContext } from '../containers/handlers.ts';
import { candidateNames, checkedName } from '../containers/names.ts';
import { checkCgroupParent, checkSecurity } from '../containers/security.ts';
import { submitNamed } from '../containers/submitNamed.ts';
import { created } from '../containers/wire.ts';
import { apiError } from '../errors.ts';
import { goArchitecture, image } from '../images/lookup.ts';
import type { ContainerCreateRequest, NativeCreate } from '../openapi.gen.ts';
import type { ApiPorts } from '../ports.ts';
import { type Handler, json } from '../request.ts';
import { ofSpec } from './custom.ts';

const invalid = (message: string) => apiError('invalid-create', { message });

/** What is asked, in the Engine's words, and what has no words there. */
interface Wish {
  readonly asked: ContainerCreateRequest;
  readonly custom: CustomParts;
}

function wishOf({ image: reference = '', rootPath, spec, options = {} }: NativeCreate): Wish {
  if ((options.Image ?? '') !== '') throw invalid('options.Image: name the image by image');
  const parts = spec === undefined ? undefined : ofSpec(spec, options);
  // Of an image the spec's own path is where somebody else would have mounted it.
  const root = rootPath ?? (reference === '' ? parts?.root : undefined);
  if (root !== undefined && reference !== '')
    throw invalid('image and rootPath exclude each other');
  if (root === undefined && reference === '')
    throw invalid('an image or the path of a root file system must be named');
  if (root !== undefined && !posix.isAbsolute(root))
    throw invalid(`the root file system "${root}" must be an absolute path`);
  return {
    asked: { ...(parts?.asked ?? options), Image: reference },
    custom: {
      ...(root === undefined ? {} : { root: posix.normalize(root) }),
      ...(parts === undefined ? {} : { spec: parts.spec }),
    },
  };
}

/** A root of the host's has no configuration, and neither has an image that a spec stands above. */
function sourceOf(ports: ApiPorts, { asked, custom }: Wish): ImageSource {
  const { architecture } = ports.daemon.info().host;
  const none = { id: '', chainId: '', config: {}, os: 'linux', variant: '' };
  if (custom.root !== undefined) return { ...none, architecture: goArchitecture(architecture) };
  const found = image(ports, asked.Image ?? '');
  return custom.spec === undefined ? found : { ...found, config: {} };
}

export const create: Handler = async (context, request) => {
  const { ports } = context;
  const called = request.query.get('name') ?? '';
  const name = called === '' ? undefined : checkedName(called, 'create');
  const wish = wishOf((await jsonBody('NativeCreate', request)).value);
  validateCreate(wish.asked, request.version);
  const info = ports.daemon.info();
  checkSecurity(wish.asked, info.capabilities);
  checkCgroupParent(wish.asked, info.cgroup.driver);
  const asked = withDonors(ports, wish.asked);
  const source = sourceOf(ports, wish);
  const command = createCommand(asked, source, createContext(ports, request));
  const names = () => (name === undefined ? candidateNames(ports.ambient, command.id) : [name]);
  const { custom } = wish;
  const own = Object.keys(custom).length === 0 ? {} : { custom };
  await submitNamed(ports, request, asked, { ...command, ...own }, names);
  return json(created(command.id, command.warnings), 201);
};
