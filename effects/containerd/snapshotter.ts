/** Whether containerd has the snapshotter that the daemon was started with. */
import { StartRefused } from '../system/startRefused.ts';
import type { Containerd } from './client.ts';

/** @throws StartRefused, naming those that there are. */
export async function checkSnapshotter(client: Containerd, name: string): Promise<void> {
  const plugins = await client.introspection.plugins(['type==io.containerd.snapshotter.v1']);
  const working = plugins.filter(({ initError }) => initError === null).map(({ id }) => id);
  if (working.includes(name)) return;
  const broken = plugins.find(({ id }) => id === name)?.initError;
  const why = broken === undefined ? '' : ` (${broken})`;
  throw new StartRefused(
    `containerd has no snapshotter ${name}${why}; it has ${working.sort().join(', ')}`,
  );
}
