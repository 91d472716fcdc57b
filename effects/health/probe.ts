/**
 * One probe: a process in the container's task that lives for its timeout at most.
 * Plan: on record → attach → open the output → Tasks.Exec → Tasks.Start → wait, or SIGKILL when its
 *   time is up → the rest of its output → delete.
 *
 * It is never started twice: each probe has an exec id of its own, which is on record before.
 */
import type { ExecContext } from '../../machines/exec.machine.ts';
import type { ContainerDeps } from '../container/deps.ts';
import { orAbsent } from '../container/runRecord.ts';
import { toEffectFailure } from '../containerd/errors.ts';
import { processEnd } from '../exec/execAwaitExit.ts';
import { forgetProcess } from '../exec/execClean.ts';
import {
  awaitExecOutputEnd,
  closeExecOutput,
  openExecOutput,
  stdioKey,
} from '../exec/execOutput.ts';
import { execProcess } from '../exec/execProcess.ts';
import type { HealthSubject } from '../handler.ts';
import type { Turns } from '../system/turns.ts';
import { goDuration } from './duration.ts';
import type { ProbeJournal, ProbeResult } from './probeJournal.ts';
import { ProbeOutput } from './probeOutput.ts';

const SIGKILL = 9;
/** How long the end of the output may be on its way to us. */
const PASS_ON_MS = 2_000;
/** How long the last word to a probe may take that nobody waits for any more. */
const LAST_WORD_MS = 2_000;
/** Docker's code for a probe that gave none. */
const NO_CODE = -1;

interface Probe {
  readonly deps: ContainerDeps;
  readonly subject: HealthSubject;
  readonly journal: ProbeJournal;
  readonly exec: string;
  /** Gives back the place among those that are being started; repeatable. */
  readonly started: () => void;
  readonly signal: AbortSignal;
}

/** How the process ended; `undefined`: nobody knows, it went with its task. */
type Ending = { readonly code: number | undefined; readonly late: boolean };

/**
 * Runs a probe to its end. Whatever keeps it from running is a result as well.
 * @param starts places of those that are being started: that is the processor time of shim and
 *   runtime, while one that runs costs next to nothing
 * @throws EffectFailure `unavailable` when containerd or the stdio process is away, and what an
 *   aborted signal throws: the probe then has no result, and may have left something.
 */
export async function probe(
  deps: ContainerDeps,
  subject: HealthSubject,
  journal: ProbeJournal,
  starts: Turns,
  signal: AbortSignal,
): Promise<ProbeResult> {
  const started = await starts.take(signal);
  const exec = journal.begin();
  const startNs = String(deps.system.nowNs());
  try {
    const output = new ProbeOutput(await deps.stdio.attach(stdioKey(exec), WANTS));
    const of = { deps, subject, journal, exec, signal, started };
    const found = await carriedOut(of, output).finally(() => output.close());
    return { startNs, endNs: String(deps.system.nowNs()), ...found };
  } finally {
    started();
  }
}

const WANTS = { stdin: false, stdout: true, stderr: true } as const;

async function carriedOut(
  of: Probe,
  output: ProbeOutput,
): Promise<Pick<ProbeResult, 'exitCode' | 'output'>> {
  const { deps, subject, journal, exec, signal } = of;
  const { timeoutMs } = subject.health.check;
  try {
    const process = await start(of);
    of.started();
    const { code, late } = await ended(of, process);
    journal.tell('exec_die', { execID: exec, exitCode: String(code ?? 255) });
    // What the stdio process has read it has yet to pass on.
    if (await awaitExecOutputEnd(deps, exec)) await passedOn(deps, output);
    if (!late) return { exitCode: code ?? NO_CODE, output: output.text() };
    const said = output.text() === '' ? '' : `: ${output.text()}`;
    const message = `Health check exceeded timeout (${goDuration(timeoutMs)})${said}`;
    return { exitCode: NO_CODE, output: message };
  } catch (error) {
    const failure = toEffectFailure(error);
    if (signal.aborted || failure.kind === 'unavailable') throw error;
    return { exitCode: NO_CODE, output: failure.message };
  } finally {
    if (!signal.aborted) await clean(deps, subject.container.id, exec, journal, signal);
  }
}

async function passedOn({ system }: ContainerDeps, output: ProbeOutput): Promise<void> {
  const over = new AbortController();
  const late = system.sleep(PASS_ON_MS, over.signal).catch(() => undefined);
  await Promise.race([output.ended, late]);
  over.abort();
}

/** The process as it can be told from another that gets its pid later. */
type Started = { readonly pid: number; readonly since: string };

async function start({ deps, subject, journal, exec, signal }: Probe): Promise<Started> {
  const { container, health } = subject;
  const context = execContext(subject, exec);
  const [program = '', ...args] = health.check.argv;
  const line = `${program} ${args.join(' ')}`;
  const ref = { containerId: container.id, execId: exec };
  journal.tell(`exec_create: ${line}`, { execID: exec });
  const stdio = await openExecOutput(deps, context);
  const spec = execProcess(deps, { container, exec: context });
  await deps.containerd.tasks.exec({ ...ref, ...stdio, spec }, { signal });
  journal.tell(`exec_start: ${line}`, { execID: exec });
  const moved = deps.system.controlGroups.expectMoves(deps.cgroupRoot);
  try {
    // Not called off by the signal: the shim would be at it all the same.
    const { pid } = await deps.inTurn(container.id, async () => {
      signal.throwIfAborted();
      return await deps.containerd.tasks.start(ref);
    });
    return { pid, since: deps.system.processes.startTime(pid) ?? '' };
  } finally {
    moved();
  }
}

/** The process's end, brought about when its time is up: with all that it has started. */
async function ended(of: Probe, { pid, since }: Started): Promise<Ending> {
  const { deps, subject, exec, signal } = of;
  const { id } = subject.container;
  const ref = { id, run: subject.health.run, exec };
  const late = new AbortController();
  const over = new AbortController();
  void deps.system.sleep(subject.health.check.timeoutMs, over.signal).then(
    () => late.abort(),
    () => undefined,
  );
  try {
    const exit = await processEnd(deps, ref, AbortSignal.any([signal, late.signal]));
    return { code: exit?.exitStatus, late: false };
  } catch (error) {
    if (signal.aborted) void lastWord(of);
    if (signal.aborted || !late.signal.aborted) throw error;
    deps.system.processes.killGroup(pid, since, id);
    await forgetProcess(deps, id, exec, signal);
    return { code: 128 + SIGKILL, late: true };
  } finally {
    over.abort();
  }
}

/** Nobody waits for it any more: it is ended, and whoever watches next clears up. Never throws. */
async function lastWord({ deps, subject, exec }: Probe): Promise<void> {
  try {
    const target = { containerId: subject.container.id, execId: exec, signal: SIGKILL };
    await orAbsent(deps.containerd.tasks.kill(target, { deadlineMs: LAST_WORD_MS }));
  } catch (error) {
    deps.warn(error, 'a health probe could not be ended yet');
  }
}

/** Nothing of the probe is left. */
export async function clean(
  deps: ContainerDeps,
  container: string,
  exec: string,
  journal: ProbeJournal,
  signal: AbortSignal,
): Promise<void> {
  await forgetProcess(deps, container, exec, signal);
  await closeExecOutput(deps, exec);
  journal.end(exec);
}

/** An exec that asks for nothing special: the container's user, directory and environment. */
function execContext({ container, health }: HealthSubject, exec: string): ExecContext {
  return {
    execId: exec,
    container: container.id,
    run: health.run,
    config: {
      Cmd: health.check.argv,
      User: '',
      WorkingDir: '',
      Privileged: false,
      AttachStdin: false,
      AttachStdout: true,
      AttachStderr: true,
      Tty: false,
      DetachKeys: '',
    },
    env: [],
    detach: false,
    pid: 0,
    failure: null,
    exit: null,
  };
}
