/** The service manager is told when the daemon is ready, reloads, and ends. */
import type { Logger } from 'pino';
import { notifyManager } from '../effects/system/notify.ts';

export interface Manager {
  ready(status: string): void;
  reloading(): void;
  stopping(): void;
}

/** Does nothing where no manager asked for it. What is started from here is not to talk to it. */
export function serviceManager(journal: Logger): Manager {
  const where = process.env['NOTIFY_SOCKET'] ?? '';
  delete process.env['NOTIFY_SOCKET'];
  const tell = (...state: readonly string[]): void => {
    if (where === '') return;
    try {
      notifyManager(where, state);
    } catch (err) {
      journal.warn({ err }, 'the service manager could not be told');
    }
  };
  return {
    ready: (status) => tell('READY=1', `STATUS=${status}`),
    reloading: () => tell('RELOADING=1'),
    stopping: () => tell('STOPPING=1', 'STATUS=ending; containers run on'),
  };
}
