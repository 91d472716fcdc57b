/**
 * The thread in which files of containers are read and written: their file systems may block for as
 * long as a disk or a server pleases. It does one job at a time; every job gives back all it has
 * opened, also when it is cancelled.
 */
import { type MessagePort, parentPort } from 'node:worker_threads';
import { resolveUser, UnknownUser } from '../spec/user.ts';
import { readFileIn } from '../system/confined.ts';
import { checked, codeOf, libcFunction } from '../system/libc.ts';
import { TarError } from '../tar/tarError.ts';
import { ArchiveError, type ArchiveErrorKind } from './archiveError.ts';
import { listChanges } from './changes.ts';
import { copyIn } from './copyIn.ts';
import { copyOut, statPath } from './copyOut.ts';
import { fill } from './fill.ts';
import { packLayer } from './layer.ts';
import { asTar, packRoot } from './pack.ts';
import { type FromThread, type Job, ownBytes, type ToThread, WINDOW } from './protocol.ts';
import { PathError, RootView } from './rootView.ts';
import { uncompressed } from './uncompressed.ts';

const unshare = libcFunction<(flags: number) => number>('int unshare(int flags)');
const umask = libcFunction<(mask: number) => number>('unsigned int umask(unsigned int mask)');
const cloneFs = 0x200;
/** Ticks between two signs of life: a tick is a file or a piece of one. */
const ALIVE_EVERY = 256;
const ACCOUNT_MAX = 4 * 1024 * 1024;

class Cancelled extends Error {}

/** The running job's side of the conversation. */
class Talk {
  readonly #port: MessagePort;
  readonly #cancelled: Int32Array;
  readonly #inputs: Uint8Array[] = [];
  #granted = WINDOW;
  #ended = false;
  #ticks = 0;
  #wake: () => void = () => undefined;

  constructor(port: MessagePort, cancelled: SharedArrayBuffer) {
    this.#port = port;
    this.#cancelled = new Int32Array(cancelled);
  }

  readonly tick = (): void => {
    if (Atomics.load(this.#cancelled, 0) !== 0) throw new Cancelled('cancelled');
    this.#ticks += 1;
    if (this.#ticks % ALIVE_EVERY === 0) this.say({ kind: 'alive' });
  };

  say(message: FromThread): void {
    this.#port.postMessage(message);
  }

  hear(message: ToThread): void {
    if (message.kind === 'granted') this.#granted += 1;
    else if (message.kind === 'input') this.#inputs.push(message.bytes);
    else if (message.kind === 'input-end') this.#ended = true;
    this.#wake();
  }

  async #until(ready: () => boolean): Promise<void> {
    for (this.tick(); !ready(); this.tick()) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async sendAll(chunks: Iterable<Buffer>): Promise<void> {
    for (const bytes of chunks) {
      await this.#until(() => this.#granted > 0);
      this.#granted -= 1;
      const own = ownBytes(bytes);
      this.#port.postMessage({ kind: 'chunk', bytes: own } satisfies FromThread, [own.buffer]);
    }
  }

  async *input(): AsyncGenerator<Uint8Array> {
    for (;;) {
      await this.#until(() => this.#ended || this.#inputs.length > 0);
      const bytes = this.#inputs.shift();
      if (bytes === undefined) return;
      this.say({ kind: 'taken' });
      yield bytes;
    }
  }
}

async function perform(talk: Talk, job: Job): Promise<unknown> {
  const { tick } = talk;
  switch (job.kind) {
    case 'stat':
      talk.say({ kind: 'head', value: statPath(viewOf(job), job.path) });
      return null;
    case 'copy-out': {
      const { stat, chunks } = copyOut(viewOf(job), job.path, tick);
      talk.say({ kind: 'head', value: stat });
      await talk.sendAll(chunks);
      return null;
    }
    case 'copy-in': {
      const owner = job.user === null ? null : ownerOf(job.root, job.user);
      await copyIn(viewOf(job), { ...job, owner }, uncompressed(talk.input()), tick);
      return null;
    }
    case 'export':
      await talk.sendAll(asTar(packRoot(tick, new RootView(job.root, []))));
      return null;
    case 'fill':
      await fill(job, tick);
      return null;
    case 'changes':
      return listChanges(job.files, { tick });
    case 'layer': {
      const counted = { entries: 0 };
      await talk.sendAll(packLayer(job.files, tick, counted));
      return counted;
    }
    default:
      return job satisfies never;
  }
}

const viewOf = ({ root, mounts }: Extract<Job, { kind: 'stat' | 'copy-out' | 'copy-in' }>) =>
  new RootView(root, mounts);

/** Who the container's user is, by the container's own files. */
function ownerOf(root: string, user: string) {
  const { uid, gid } = resolveUser(user, [], (path) => readFileIn(root, path, ACCOUNT_MAX));
  return { uid, gid };
}

function failureOf(error: unknown): { error: ArchiveErrorKind; message: string } {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof ArchiveError) return { error: error.kind, message };
  if (error instanceof TarError) return { error: 'invalid', message };
  if (error instanceof UnknownUser) return { error: 'invalid', message };
  if (error instanceof PathError && error.code === 'ENOENT') return { error: 'not-found', message };
  // Paths of the host are nobody's business, and what was meant is clear from the request.
  const code = error instanceof PathError ? undefined : codeOf(error);
  return { error: 'failed', message: code === undefined ? message : withoutHostPaths(message) };
}

const withoutHostPaths = (message: string): string =>
  message.replace(/\/proc\/self\/fd\/\d+\/?/g, '');

// A mask of its own: files get exactly the permissions of their entry.
checked(unshare(cloneFs), 'unshare', 'CLONE_FS');
umask(0);

let talk: Talk | undefined;

async function run(port: MessagePort, job: Job, cancelled: SharedArrayBuffer): Promise<void> {
  const mine = new Talk(port, cancelled);
  talk = mine;
  try {
    mine.say({ kind: 'done', value: await perform(mine, job) });
  } catch (error) {
    mine.say({ kind: 'failed', ...failureOf(error) });
  }
}

const port = parentPort;
port?.on('message', (message: ToThread) => {
  if (message.kind === 'job') void run(port, message.job, message.cancelled);
  else talk?.hear(message);
});
