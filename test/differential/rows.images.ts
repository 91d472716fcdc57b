/**
 * What both engines are asked about images. These rows come first, while no other container uses
 * the image: a refusal names one that does. None of them removes the image that all rows need.
 */
import { buildBusyboxImage } from '../support/busyboxImage.ts';
import type { Row } from './rowKinds.ts';

const { id: IMAGE_ID } = await buildBusyboxImage();
const DIGEST = `sha256:${'0'.repeat(64)}`;

type Extra = Pick<Row, 'body' | 'show' | 'state'>;
const row = (method: string, path: string, extra: Extra = {}): Row => ({
  title: `${extra.state === undefined ? '' : `${extra.state}: `}${method} ${path}`,
  method,
  path,
  ...extra,
});
const whole = { show: (answer: unknown) => answer };

/** Of a list of steps: all but when they were and what they took. */
const steps = (answer: unknown): unknown =>
  (answer as readonly object[]).map((step) =>
    Object.entries({ ...step, Size: 0, Created: 0 }).toSorted(),
  );

export const IMAGE_ROWS: readonly Row[] = [
  row('POST', '/images/busybox/tag?repo=other&tag=1'),
  row('POST', '/images/busybox/tag?repo=other:2'),
  row('POST', '/images/busybox/tag?repo=other:2&tag=3'),
  row('GET', '/images/json?filters={"reference":["other"]}', {
    show: (answer) => (answer as readonly { RepoTags: string[] }[]).map((one) => one.RepoTags),
  }),
  row('DELETE', `/images/${IMAGE_ID}`),
  row('DELETE', '/images/other:1', whole),
  row('DELETE', '/images/other:2?force=1', whole),
  row('DELETE', '/images/other:3?noprune=1', whole),
  row('DELETE', '/images/other:3'),
  row('DELETE', '/images/busybox', { state: 'created' }),
  row('DELETE', `/images/${IMAGE_ID}`, { state: 'created' }),
  row('DELETE', `/images/${IMAGE_ID.slice(7, 30)}`, { state: 'created' }),
  row('DELETE', `/images/${IMAGE_ID}?force=1`, { state: 'running' }),
  row('DELETE', `/images/${IMAGE_ID}`, { state: 'running' }),
  row('DELETE', '/images/nothing'),
  row('DELETE', '/images/nothing:tag?force=1'),
  row('DELETE', `/images/nothing:tag@${DIGEST}`),
  row('DELETE', '/images/Capital'),
  row('DELETE', '/images/sha256:123456'),
  row('POST', '/images/nothing/tag?repo=x'),
  row('POST', '/images/busybox/tag?repo=UPPER'),
  row('POST', '/images/busybox/tag?repo='),
  row('POST', '/images/busybox/tag?repo=sha256'),
  row('POST', '/images/busybox/tag?repo=x&tag=bad!'),
  row('POST', '/images/busybox/tag?repo=x:bad!'),
  row('POST', `/images/busybox/tag?repo=x@${DIGEST}`),
  row('POST', `/images/busybox/tag?repo=${'a'.repeat(64)}`),
  row('GET', '/images/busybox/history', { show: steps }),
  row('GET', '/images/nothing/history'),
  row('GET', '/images/nothing/get'),
  row('GET', '/images/get?names=nothing'),
  row('POST', '/images/prune', whole),
  row('POST', '/images/prune?filters={"bogus":["x"]}'),
  row('POST', '/images/prune?filters={"dangling":["x"]}'),
  row('POST', '/images/prune?filters={"until":["x"]}'),
  row('POST', '/images/prune?filters={"until":["2h"]}', whole),
  row('POST', '/images/create?fromSrc=-&changes=RUN+true'),
  row('POST', '/images/create?fromSrc=-&repo=UPPER'),
  row('POST', '/images/create?fromSrc=-&repo=x&tag=bad!'),
];
