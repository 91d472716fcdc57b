/**
 * The worker thread in which mounts are made and taken away, since either may block for as long as
 * a disk or a server pleases; and in which this process is moved between control groups, for which
 * the kernel takes its time. It does one call after the other and answers each by its id.
 */
import { parentPort } from 'node:worker_threads';
import { after, monotonicMs } from './clock.ts';
import { checked, codeOf, libcFunction, SystemError } from './libc.ts';
import { bindAttributes, bindFlag, mountFlags, recursiveFlag, remountFlag } from './mountFlags.ts';
import type { MountAnswer, MountCall } from './mounts.ts';
import { shortenOverlay } from './overlayOptions.ts';
import { stayInGroup } from './ownGroup.ts';

type Mount = (
  source: string,
  target: string,
  type: string | null,
  flags: number,
  data: string | null,
) => number;
const mountCall = libcFunction<Mount>(
  'int mount(const char *source, const char *target, const char *type, unsigned long flags, ' +
    'const char *data)',
);
const umount2 = libcFunction<(target: string, flags: number) => number>(
  'int umount2(const char *target, int flags)',
);
const chdir = libcFunction<(path: string) => number>('int chdir(const char *path)');
const unshare = libcFunction<(flags: number) => number>('int unshare(int flags)');
const cloneFs = 0x200;
const detachFlag = 2;
const noFollowFlag = 8;

function mount(call: Extract<MountCall, { kind: 'mount' }>): void {
  const { type, source, target } = call;
  const { flags, propagation, data } = mountFlags(call.options);
  const bind = (flags & bindFlag) !== 0;
  const { directory, data: fitting } = shortenOverlay(data);
  if (directory !== undefined) checked(chdir(directory), 'chdir', directory);
  try {
    const first = bind ? flags & ~bindAttributes : flags;
    checked(mountCall(source, target, bind ? null : type, first, fitting), 'mount', target);
  } finally {
    if (directory !== undefined) checked(chdir('/'), 'chdir', '/');
  }
  try {
    finish(target, flags, propagation);
  } catch (error) {
    // Half a mount is none: nobody may find it writable.
    umount2(target, detachFlag | noFollowFlag);
    throw error;
  }
}

/** What takes a second call: a bind mount's attributes, and how mounts below it spread. */
function finish(target: string, flags: number, propagation: number): void {
  if ((flags & bindFlag) !== 0 && (flags & bindAttributes) !== 0) {
    const again = (flags & ~recursiveFlag) | remountFlag;
    checked(mountCall('', target, null, again, null), 'mount (attributes)', target);
  }
  if (propagation !== 0) {
    checked(mountCall('', target, null, propagation, null), 'mount (propagation)', target);
  }
}

function unmount(target: string, detach: boolean): void {
  const flags = noFollowFlag | (detach ? detachFlag : 0);
  try {
    checked(umount2(target, flags), 'umount2', target);
  } catch (error) {
    const code = codeOf(error);
    // Not a mount point, or nothing there at all: it is as asked.
    if (code !== 'EINVAL' && code !== 'ENOENT') throw error;
  }
}

/** Less than the kernel stays ready, however short its grace periods are. */
const AGAIN_MS = 4;
const staying = { untilMs: 0, goesOn: false };

function stay({ target: root, wanted, mostMs }: Extract<MountCall, { kind: 'stay' }>): void {
  stayInGroup(root);
  staying.untilMs = monotonicMs() + mostMs;
  if (!staying.goesOn) stayAgain(root, wanted);
}

function stayAgain(root: string, wanted: Int32Array): void {
  staying.goesOn = true;
  after(AGAIN_MS, () => {
    staying.goesOn = false;
    if (Atomics.load(wanted, 0) === 0 || monotonicMs() >= staying.untilMs) return;
    try {
      stayInGroup(root);
    } catch (error) {
      // Whoever asks next is told.
      if (error instanceof SystemError) return;
      throw error;
    }
    stayAgain(root, wanted);
  });
}

function answer(call: MountCall): MountAnswer {
  try {
    if (call.kind === 'mount') mount(call);
    else if (call.kind === 'unmount') unmount(call.target, call.detach);
    else stay(call);
    return { id: call.id, error: undefined };
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    const { syscall, errno } = error;
    return { id: call.id, error: { syscall, errno, target: call.target } };
  }
}

// A working directory of its own: chdir in this thread must not move the whole process.
checked(unshare(cloneFs), 'unshare', 'CLONE_FS');
parentPort?.on('message', (call: MountCall) => parentPort?.postMessage(answer(call)));
