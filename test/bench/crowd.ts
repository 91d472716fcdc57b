/**
 * `node test/bench/crowd.ts [--starts N]`: what a crowd of starts at once costs somebody else. A
 * stop (by SIGKILL, so that it is the daemon that is measured), alone and again and again while N
 * containers are started at once, on shiplog and, where it is installed, dockerd. Medians and
 * ratios, nothing asserted.
 */
import { parseArgs } from 'node:util';
import { findDockerd, startDockerd } from '../differential/dockerd.ts';
import { buildBusyboxImage } from '../support/busyboxImage.ts';
import { startTemporaryDaemon } from '../support/temporaryDaemon.ts';
import { type Engine, engineAt, median } from './engine.ts';
import { loadInto } from './load.ts';

const { values } = parseArgs({ options: { starts: { type: 'string', default: '100' } } });
const STARTS = Number(values.starts);
const VICTIMS = 8;
/** Connections of one client; a crowd comes on many. */
const PER_ENGINE = 16;

interface Crowd {
  readonly idleMs: number;
  readonly busyMs: number;
  readonly medianStartMs: number;
  readonly wholeMs: number;
}

async function checked(engine: Engine, method: string, path: string, body?: unknown) {
  const answer = await engine.call(method, path, body);
  if (answer.status >= 400) throw new Error(`${engine.name}: ${path}: ${answer.body}`);
  return answer;
}

async function elapsed(act: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await act();
  return performance.now() - from;
}

async function sleeper(engine: Engine): Promise<string> {
  const HostConfig = { NetworkMode: 'none' };
  const body = { Image: 'busybox:latest', Cmd: ['sleep', '600'], StopSignal: 'SIGKILL' };
  const { body: text } = await checked(engine, 'POST', '/containers/create', {
    ...body,
    HostConfig,
  });
  return (JSON.parse(text) as { Id: string }).Id;
}

const start = (engine: Engine, id: string) => checked(engine, 'POST', `/containers/${id}/start`);
const stop = (engine: Engine, id: string) => checked(engine, 'POST', `/containers/${id}/stop`);
const remove = (engine: Engine, id: string) =>
  checked(engine, 'DELETE', `/containers/${id}?force=1`);

async function victims(engine: Engine): Promise<string[]> {
  const ids: string[] = [];
  for (let at = 0; at < VICTIMS; at += 1) {
    const id = await sleeper(engine);
    await start(engine, id);
    ids.push(id);
  }
  return ids;
}

/** Stops one after the other; those after the crowd has come to rest do not count. */
async function stops(
  engine: Engine,
  ids: readonly string[],
  over: () => boolean,
): Promise<number[]> {
  const took: number[] = [];
  for (const id of ids) {
    const ms = await elapsed(() => stop(engine, id));
    if (!over()) took.push(ms);
  }
  return took;
}

async function measure(name: string, socket: string): Promise<Crowd> {
  const engine = engineAt(name, socket);
  const clients = Array.from({ length: Math.ceil(STARTS / PER_ENGINE) }, () =>
    engineAt(name, socket),
  );
  const clientOf = (at: number): Engine => clients[at % clients.length] ?? engine;
  const alone = await victims(engine);
  const idle = await stops(engine, alone, () => false);
  const meanwhile = await victims(engine);
  const ids: string[] = [];
  for (let at = 0; at < STARTS; at += 1) ids.push(await sleeper(engine));
  let over = false;
  const from = performance.now();
  const started = Promise.all(ids.map((id, at) => elapsed(() => start(clientOf(at), id)))).finally(
    () => {
      over = true;
    },
  );
  const busy = await stops(engine, meanwhile, () => over);
  const each = await started;
  const wholeMs = performance.now() - from;
  for (const id of [...alone, ...meanwhile, ...ids]) await remove(engine, id);
  for (const client of [engine, ...clients]) client.close();
  return {
    idleMs: median(idle),
    busyMs: median(busy),
    medianStartMs: median(each),
    wholeMs,
  };
}

function print(name: string, { idleMs, busyMs, medianStartMs, wholeMs }: Crowd): void {
  const ms = (value: number): string => `${value.toFixed(0)} ms`;
  console.log(
    `${name.padEnd(8)} stop alone ${ms(idleMs)}, among ${STARTS} starts ${ms(busyMs)} ` +
      `(${(busyMs / idleMs).toFixed(1)}); median start ${ms(medianStartMs)}, all ${ms(wholeMs)}`,
  );
}

const { archive } = await buildBusyboxImage({ repoTags: ['busybox:latest'] });
const daemon = await startTemporaryDaemon();
const binary = findDockerd();
const dockerd = binary === undefined ? undefined : await startDockerd(binary);
try {
  await loadInto(daemon.socket, archive);
  print('shiplog', await measure('shiplog', daemon.socket));
  if (dockerd !== undefined) {
    await loadInto(dockerd.socket, archive);
    print('dockerd', await measure('dockerd', dockerd.socket));
  }
} finally {
  await dockerd?.stop();
  await daemon.stop();
}
process.exit(0);
