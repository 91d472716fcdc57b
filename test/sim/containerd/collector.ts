/**
 * The garbage collector: takes the snapshots and the content that no lease, record, image or
 * snapshot labelled as a root reaches. It runs after every deletion, which is the worst it can do.
 */
import type { Metadata } from './state.ts';

export function collect(state: Metadata): void {
  const reached = new Set<string>();
  const pending = roots(state);
  for (let what = pending.pop(); what !== undefined; what = pending.pop()) {
    if (reached.has(what)) continue;
    reached.add(what);
    pending.push(...referencesOf(state, what));
  }
  for (const key of state.snapshots.keys()) {
    if (!reached.has(`snapshot ${key}`)) state.snapshots.delete(key);
  }
  for (const digest of state.blobs.keys()) {
    if (!reached.has(`content ${digest}`)) state.blobs.delete(digest);
  }
}

function roots({ leases, records, images, snapshots }: Metadata): string[] {
  return [
    ...[...snapshots.values()]
      .filter(({ labels }) => labels['containerd.io/gc.root'] !== undefined)
      .map(({ name }) => `snapshot ${name}`),
    ...[...leases.values()].flatMap(({ holds }) => [...holds]),
    ...[...records.values()].map(({ snapshotKey }) => `snapshot ${snapshotKey}`),
    ...[...images.values()].map(({ target }) => `content ${target.digest}`),
  ];
}

function referencesOf({ snapshots, blobs }: Metadata, what: string): string[] {
  const [kind = '', ...rest] = what.split(' ');
  const key = rest.join(' ');
  if (kind === 'snapshot') {
    const parent = snapshots.get(key)?.parent ?? '';
    return parent === '' ? [] : [`snapshot ${parent}`];
  }
  return Object.entries(blobs.get(key)?.labels ?? {}).flatMap(([label, value]) => {
    if (label.startsWith('containerd.io/gc.ref.content')) return [`content ${value}`];
    if (label.startsWith('containerd.io/gc.ref.snapshot.')) return [`snapshot ${value}`];
    return [];
  });
}
