/** Both engines of the stories: dockerd in a network namespace of its own, shiplog on the host. */
import { buildBusyboxImage } from '../../support/busyboxImage.ts';
import { startTemporaryDaemon } from '../../support/temporaryDaemon.ts';
import { startNetworkedDockerd } from '../networkedDockerd.ts';
import { Teller } from './teller.ts';

export interface StoryEngines {
  readonly dockerd: Teller;
  readonly shiplog: Teller;
  stop(): Promise<void>;
}

/** They choose from the same addresses, so that what they choose can be compared. */
const POOL = '10.63';
const BASE = `${POOL}.0.0/17`;

export async function startStoryEngines(binary: string): Promise<StoryEngines> {
  const ours = await startTemporaryDaemon({
    flags: ['--default-address-pool', `base=${BASE},size=24`],
  });
  const given = { 'default-address-pools': [{ base: BASE, size: 24 }] };
  const theirs = await startNetworkedDockerd(binary, `shiplog-stories-${process.pid}`, given).catch(
    async (error: unknown) => {
      await ours.stop();
      throw error;
    },
  );
  const dockerd = new Teller(theirs.socket, POOL);
  const shiplog = new Teller(ours.socket, POOL);
  const { archive } = await buildBusyboxImage();
  await Promise.all([dockerd.load(archive), shiplog.load(archive)]);
  return {
    dockerd,
    shiplog,
    async stop() {
      await theirs.stop();
      await ours.stop();
    },
  };
}
