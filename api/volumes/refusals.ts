/** The HTTP face of what is refused of volumes. */
import type { Refusal } from '../../machines/container.commands.ts';

type Kind = 'no-such-volume' | 'volume-in-use' | 'volume-failed' | 'volume-gone';
interface Face {
  readonly status: number;
  readonly message: string;
}

export const volumeRefusals: {
  readonly [K in Kind]: (refusal: Extract<Refusal, { kind: K }>) => Face;
} = {
  'no-such-volume': ({ name }) => ({ status: 404, message: `get ${name}: no such volume` }),
  'volume-in-use': ({ name, containers }) => ({
    status: 409,
    message: `remove ${name}: volume is in use - [${containers.join(', ')}]`,
  }),
  'volume-failed': ({ doing, name, message }) => ({
    status: 500,
    message: `${doing} ${name}: ${message}`,
  }),
  'volume-gone': ({ name }) => ({
    status: 409,
    message: `volume ${name} was removed while the container was created`,
  }),
};
