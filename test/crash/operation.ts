/** What can be asked of a container or an image, or happen to it, as the crash tests play it. */
import type { TemporaryDaemon } from '../support/temporaryDaemon.ts';

export type Status = 'absent' | 'created' | 'running' | 'paused' | 'exited';
export type Act = (daemon: TemporaryDaemon, name: string) => Promise<void>;

export interface Operation {
  /** Effects that it comes by at times only: nobody is killed at these. */
  readonly unsteady?: readonly string[];
  readonly name: string;
  readonly from: Status;
  readonly leads: Status;
  /** Type of the command, as the log names the cause; absent: the world acts by itself. */
  readonly command?: string;
  /** What it may be, too, when its shim or its process was struck. */
  readonly mayBe?: Status;
  /** Further members of the body that the container is created with. */
  readonly create?: object;
  /** Brings about what it needs beside the container. */
  readonly set?: Act;
  readonly ask: Act;
  /** Whether it was carried out, where the container's status does not say so. */
  readonly isDone?: (daemon: TemporaryDaemon, name: string) => Promise<boolean>;
  /** Takes away what is left, carried out or not; the container itself goes before. */
  readonly clear?: Act;
  /** Whether its container can be started; absent: it can. */
  readonly startable?: false;
}
