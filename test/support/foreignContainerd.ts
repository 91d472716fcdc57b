/** A containerd that no daemon started and none ends: ended and started again by the spec alone. */
import {
  optionsIn,
  removeDirectory,
  testDirectory,
} from '../../effects/containerd/containerd.fixture.ts';
import {
  type ManagedContainerd,
  startManaged,
  stopManaged,
} from '../../effects/containerd/managed.ts';

export interface ForeignContainerd {
  readonly address: string;
  /** Containers run on under their shims. */
  end(): Promise<void>;
  start(): Promise<void>;
  /** Ends it, if it runs, and takes its files away. */
  remove(): Promise<void>;
}

export async function startForeignContainerd(): Promise<ForeignContainerd> {
  const directory = await testDirectory();
  const options = optionsIn(directory);
  const { address, ...first } = await startManaged(options);
  let running: ManagedContainerd | null = { address, ...first };
  const end = async (): Promise<void> => {
    if (running !== null) await stopManaged(running);
    running = null;
  };
  return {
    address,
    end,
    async start() {
      running = await startManaged(options);
    },
    async remove() {
      await end();
      await removeDirectory(directory);
    },
  };
}
