/**
 * A log of any length, as a busy host would have written it in a month: containers that were
 * created, run and removed by the ten thousands, and some that are stopped and still there. It is
 * appended by the store itself, so it verifies and replays.
 */
import { createHash } from 'node:crypto';
import type { ContainerCommand } from '../../machines/container.commands.ts';
import type { ImageRef } from '../../machines/container.config.ts';
import { config, hostConfig, runtime } from '../../machines/samples.fixture.ts';
import { PROJECTIONS } from '../../projections/all.ts';
import { type OpenedLog, openLog } from '../../store/log.ts';
import { secretDigest } from '../../store/secrets.ts';
import { Life, type Source, type Written } from './life.ts';

/** The log begins a month before now. */
const MONTH_NS = 30n * 86_400n * 1_000_000_000n;
/** As many as the store takes in one transaction. */
const APPENDS_A_TURN = 64;
const RUNS_OF_STOPPED = 3;
/** A little more than there are: all that are to be stopped have to fit in. */
const FACTS_OF_A_LIFE = 22;

export interface LongLogOptions {
  readonly path: string;
  /** At least; the last life is lived to its end. */
  readonly facts: number;
  /** Containers that are there, not running. */
  readonly stopped: number;
  /** Nanoseconds since 1970. */
  readonly nowNs: bigint;
  readonly image: ImageRef;
}

export interface WrittenLog {
  readonly facts: number;
  readonly seconds: number;
}

function hex(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function create(index: number, image: ImageRef): ContainerCommand {
  const id = hex(`container ${index}`);
  const salt = id.slice(0, 32);
  const value = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
  return {
    type: 'create',
    id,
    name: `job_${index}`,
    image,
    config: { ...config, Hostname: id.slice(0, 12), Labels: { job: String(index), tier: 'web' } },
    hostConfig,
    env: [{ ref: { name: 'PATH', digest: secretDigest(salt, value) }, salt, value }],
    platform: 'linux/amd64',
    warnings: [],
  };
}

function live(life: Life, index: number, image: ImageRef, stays: boolean): void {
  const { id } = create(index, image);
  life.run(create(index, image));
  const runs = stays ? RUNS_OF_STOPPED : 1 + (index % 3);
  for (let run = 0; run < runs; run += 1) life.run({ type: 'start', id, runtime }, run % 2);
  if (!stays) life.run({ type: 'remove', id, force: false, volumes: false });
}

/** Rows that wait for their turn, and where the log will stand after them. */
class Queue implements Source {
  readonly #nowNs: () => bigint;
  #position = 0;
  waiting: Written[] = [];

  constructor(nowNs: () => bigint) {
    this.#nowNs = nowNs;
  }

  position(): number {
    return this.#position;
  }

  nowNs(): bigint {
    return this.#nowNs();
  }

  write(written: Written): void {
    this.waiting.push(written);
    this.#position += written.facts.length;
  }
}

async function writeOut(log: OpenedLog, queue: Queue): Promise<void> {
  const turn = queue.waiting;
  queue.waiting = [];
  for (const result of await Promise.all(turn.map((one) => log.append(one.facts, one.secrets)))) {
    if (!result.ok) throw new Error(`not appended: ${JSON.stringify(result.conflict)}`);
  }
}

/** The appends of containers that come and go, from an empty log on, until there are that many. */
export function writtenLives(facts: number): readonly Written[] {
  const queue = new Queue(() => 0n);
  const image = { id: `sha256:${hex('image')}`, chainId: `sha256:${hex('chain')}` };
  for (let index = 0; queue.position() < facts; index += 1) {
    live(new Life(queue), index, image, false);
  }
  return queue.waiting;
}

/** Writes a new log; returns how long the decisions, folds and appends took, all together. */
export async function writeLongLog(options: LongLogOptions): Promise<WrittenLog> {
  const { path, facts, stopped, nowNs, image } = options;
  const stepNs = MONTH_NS / BigInt(facts + 1_000);
  let timeNs = nowNs - MONTH_NS;
  const tick = (): bigint => {
    timeNs += stepNs;
    return timeNs;
  };
  const clock = { nowNs: tick };
  const log = openLog({ path, clock, projections: PROJECTIONS, newLogId: () => hex('bench') });
  const from = performance.now();
  try {
    const queue = new Queue(() => timeNs);
    const every = Math.floor(facts / FACTS_OF_A_LIFE / Math.max(1, stopped));
    for (let index = 0, kept = 0; queue.position() < facts; index += 1) {
      const stays = kept < stopped && index % Math.max(1, every) === 0;
      if (stays) kept += 1;
      live(new Life(queue), index, image, stays);
      if (queue.waiting.length >= APPENDS_A_TURN) await writeOut(log, queue);
      if (index % 1_000 === 0) log.checkpoint();
    }
    await writeOut(log, queue);
    return { facts: log.head().position, seconds: (performance.now() - from) / 1_000 };
  } finally {
    log.checkpoint();
    log.close();
  }
}
