/** The HTTP face of what is refused of images that somebody uses. */
import type { Refusal } from '../../machines/container.commands.ts';

type Kind = 'image-reference-in-use' | 'image-in-use' | 'image-in-repositories';
interface Face {
  readonly status: number;
  readonly message: string;
}

const conflict = (message: string): Face => ({ status: 409, message });

/** As docker shows ids: twelve digits, without the algorithm. */
const short = (id: string): string => id.replace(/^sha256:/, '').slice(0, 12);
const whose = (container: string): string => `container ${short(container)}`;
const cannotDelete = (image: string, how: string, why: string): string =>
  `conflict: unable to delete ${short(image)} (${how}) - ${why}`;

export const imageRefusals: {
  readonly [K in Kind]: (refusal: Extract<Refusal, { kind: K }>) => Face;
} = {
  'image-reference-in-use': ({ reference, image, container }) =>
    conflict(
      `conflict: unable to remove repository reference "${reference}" (must force) - container ` +
        `${short(container)} is using its referenced image ${short(image)}`,
    ),
  'image-in-use': ({ image, container, running }) =>
    conflict(
      running
        ? cannotDelete(
            image,
            'cannot be forced',
            `image is being used by running ${whose(container)}`,
          )
        : cannotDelete(
            image,
            'must be forced',
            `image is being used by stopped ${whose(container)}`,
          ),
    ),
  'image-in-repositories': ({ image }) =>
    conflict(cannotDelete(image, 'must be forced', 'image is referenced in multiple repositories')),
};
