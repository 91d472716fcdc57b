/** The stdio process from its lock to its end. */
import * as fs from 'node:fs';
import { join } from 'node:path';
import { nowNs } from '../system/clock.ts';
import { lock } from '../system/flock.ts';
import { startTime } from '../system/process.ts';
import { formatTimestamp } from '../system/timestamp.ts';
import { Containers } from './containers.ts';
import { socketName } from './places.ts';
import { type Hello, protocolName, protocolVersion } from './protocol.ts';
import { stdioServer } from './server.ts';

const maxLogBytes = 1024 * 1024;

/**
 * Resolves when the process serves, or when another one does already: then it just ends.
 * @param version what it says that it speaks; an earlier one in specs alone
 */
export async function serve(dir: string, version = protocolVersion): Promise<void> {
  const note = ownLog(join(dir, 'stdio.log'));
  const held = lock(join(dir, 'lock'));
  if (held.kind === 'held') {
    note('another process serves this directory');
    return;
  }
  const trouble = (message: string, error: unknown): void => note(`${message}: ${String(error)}`);
  process.on('uncaughtException', (error) => {
    // Whatever is broken, a new process starts from what is on disk.
    note(`stopped by a bug: ${error.stack ?? String(error)}`);
    process.exit(1);
  });
  for (const signal of ['SIGHUP', 'SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => note(`${signal} ignored`));
  }
  const identity = writeIdentity(dir, version);
  const containers = new Containers(dir, trouble);
  containers.recover();
  const server = stdioServer({
    containers,
    identity,
    shutdown: () => {
      containers.suspend();
      note('shut down');
      server.close();
      // What clients have not read yet is theirs for the time that takes to send, not longer.
      setImmediate(() => process.exit(0));
    },
  });
  await listen(server, join(dir, socketName));
  note(`serving, process ${identity.pid}, version ${identity.version}`);
}

function writeIdentity(dir: string, version: number): Hello {
  const { pid } = process;
  const identity = { protocol: protocolName, version, pid };
  const full = { ...identity, startTime: startTime(pid) ?? '' };
  fs.writeFileSync(join(dir, 'pid'), `${JSON.stringify(full)}\n`);
  return full;
}

/** Only the holder of the lock gets here: a socket that is there is a dead one's. */
function listen(server: ReturnType<typeof stdioServer>, path: string): Promise<void> {
  fs.rmSync(path, { force: true });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      fs.chmodSync(path, 0o600);
      resolve();
    });
  });
}

/** Lines of the process itself; one earlier file is kept. */
function ownLog(path: string): (message: string) => void {
  const size = fs.statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size > maxLogBytes) fs.renameSync(path, `${path}.1`);
  return (message) => {
    try {
      fs.appendFileSync(path, `${formatTimestamp(nowNs())} ${message}\n`);
    } catch (error) {
      process.stderr.write(`${message} (and cannot log: ${String(error)})\n`);
    }
  };
}
