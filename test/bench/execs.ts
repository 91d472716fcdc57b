/**
 * Execs in a running container: create, start attached, to the end of the output. Of daemons that
 * have run for a while, and of new ones: what is compiled as it runs is slower at first.
 */
import type { Bench } from './bench.ts';
import { asked, type Engine, removed, sleeper } from './engine.ts';
import { elapsedMs, interleaved, REST_MS } from './interleaved.ts';

const ROUNDS = 15;
/** From then on what they take no longer falls. */
const WARM_AFTER = 150;

async function once(engine: Engine, id: string): Promise<void> {
  const config = { Cmd: ['true'], AttachStdout: true, AttachStderr: true };
  const body = await asked(engine, 'POST', `/containers/${id}/exec`, config);
  const { Id } = JSON.parse(body) as { Id: string };
  await asked(engine, 'POST', `/exec/${Id}/start`, { Detach: false, Tty: false });
}

export const execs: Bench = {
  name: 'exec',
  about: 'exec of true, attached',
  run: async ({ rounds = ROUNDS, contenders }, report) => {
    const { engines, raw } = await contenders();
    const alone = await raw.sleeper();
    const ids: string[] = [];
    for (const { engine } of engines) ids.push(await sleeper(engine));
    const turns = engines.map(({ name, engine }, at) => ({
      name,
      measure: () => elapsedMs(() => once(engine, ids[at] ?? '')),
    }));
    const bound = { name: 'containerd', measure: () => elapsedMs(() => alone.exec()) };
    const first = await interleaved([...turns, bound], rounds, REST_MS);
    report.row({ name: 'the first ones', unit: 'ms', samples: first });
    await interleaved(turns, Math.max(WARM_AFTER - rounds, 0));
    const samples = await interleaved([...turns, bound], rounds, REST_MS);
    report.row({ name: 'exec', unit: 'ms', samples, aim: { ratio: 0.8 } });
    await alone.remove();
    for (const [at, { engine }] of engines.entries()) await removed(engine, ids[at] ?? '');
  },
};
