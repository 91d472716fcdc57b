/**
 * The same container, from create to removed, on shiplog, dockerd (where it is installed) and
 * containerd alone, one after the other in turn.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { findDockerd, startDockerd } from '../differential/dockerd.ts';
import { buildBusyboxImage } from '../support/busyboxImage.ts';
import { startTemporaryDaemon } from '../support/temporaryDaemon.ts';
import type { Bench } from './bench.ts';
import { type Engine, engineAt, median, oneRun } from './engine.ts';
import { rawContainerd } from './rawContainerd.ts';

const ROUNDS = 25;
const STEPS = ['create', 'start', 'wait', 'remove', 'whole'] as const;
type Times = Readonly<Record<string, number>>;

interface Contender {
  readonly name: string;
  run(): Promise<Times>;
  readonly times: Times[];
}

async function load(engine: Engine, socket: string, archive: Buffer): Promise<void> {
  const { request } = await import('node:http');
  await new Promise<void>((resolve, reject) => {
    const sent = request({ socketPath: socket, method: 'POST', path: '/images/load' }, (answer) => {
      answer.resume().on('end', resolve);
    });
    sent.on('error', reject).setHeader('Content-Type', 'application/x-tar');
    sent.end(archive);
  });
  const images = await engine.call('GET', '/images/json');
  if (images.body === '[]') throw new Error(`${engine.name} has not loaded the image`);
}

function print(contenders: readonly Contender[]): void {
  const [first] = contenders;
  const cell = (text: string): string => text.padStart(22);
  console.log(['step'.padEnd(8), ...contenders.map(({ name }) => cell(name))].join(''));
  for (const step of STEPS) {
    const base = median(first?.times.map((times) => times[step] ?? Number.NaN) ?? []);
    const cells = contenders.map(({ times }) => {
      const ms = median(times.map((each) => each[step] ?? Number.NaN));
      return cell(`${ms.toFixed(1)} ms (${(ms / base).toFixed(2)})`);
    });
    console.log([step.padEnd(8), ...cells].join(''));
  }
}

export const runs: Bench = {
  name: 'runs',
  about: 'create, start, wait and remove: shiplog, dockerd, containerd alone',
  run: async ({ rounds = ROUNDS }) => {
    const { archive } = await buildBusyboxImage({ repoTags: ['busybox:latest'] });
    const daemon = await startTemporaryDaemon();
    const binary = findDockerd();
    const dockerd = binary === undefined ? undefined : await startDockerd(binary);
    if (dockerd === undefined) console.log('no dockerd on PATH nor in SHIPLOG_DOCKERD: left out');
    try {
      const shiplog = engineAt('shiplog', daemon.socket);
      await load(shiplog, daemon.socket, archive);
      const address = join(daemon.execRoot, 'containerd', 'containerd.sock');
      const raw = await rawContainerd(address, archive, join(daemon.dataRoot, 'bench'));
      const contenders: Contender[] = [
        { name: 'shiplog', run: () => oneRun(shiplog), times: [] },
        { name: 'containerd alone', run: () => raw.oneRun(), times: [] },
      ];
      if (dockerd !== undefined) {
        const engine = engineAt('dockerd', dockerd.socket);
        await load(engine, dockerd.socket, archive);
        contenders.splice(1, 0, { name: 'dockerd', run: () => oneRun(engine), times: [] });
      }
      for (const contender of contenders) await contender.run();
      for (let round = 0; round < rounds; round += 1) {
        for (const contender of contenders) contender.times.push(await contender.run());
      }
      print(contenders);
      raw.close();
    } finally {
      await dockerd?.stop();
      await daemon.stop();
      rmSync(join(daemon.dataRoot, 'bench'), { recursive: true, force: true });
    }
  },
};
