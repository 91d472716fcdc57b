/**
 * `kill -9` at any moment, boot included: a container lives through its scenario while the daemon,
 * containerd, the stdio process or several of them are killed. Moments and victims come from a seed
 * (SHIPLOG_SEED; else a new one), which is printed; SHIPLOG_CRASH=all plays more rounds.
 */
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive, within } from '../support/leftovers.ts';
import { assertConverges, assertNoTrace, newestContainer } from './invariants.ts';
import { liveOn } from './liveOn.ts';
import { Neighbours } from './neighbours.ts';
import { untilDeath } from './scenario.ts';
import { numbers } from './seeded.ts';

const ROUNDS = process.env['SHIPLOG_CRASH'] === 'all' ? 40 : 8;
const SEED = Number(process.env['SHIPLOG_SEED'] ?? randomInt(1_000_000));
/** About as long as the scenario takes until its last stop. */
const SCENARIO_MS = 1_500;
const BOOT_MS = 900;

const VICTIMS: readonly (readonly ('daemon' | 'containerd' | 'stdio')[])[] = [
  ['daemon'],
  ['containerd'],
  ['stdio'],
  ['daemon', 'containerd'],
  ['daemon', 'stdio'],
  ['containerd', 'stdio'],
  ['daemon', 'containerd', 'stdio'],
];

let world: Neighbours;
before(async () => {
  world = await Neighbours.open();
});
after(() => world.daemon.stop());

const random = numbers(SEED);
const next = () => random.next().value;

function pidOf(victim: 'daemon' | 'containerd' | 'stdio'): number {
  return victim === 'daemon' ? world.daemon.pid() : world[victim]();
}

/** Commands that need containerd are accepted again. */
async function containerdIsBack(): Promise<void> {
  const answers = async () =>
    (await world.daemon.request('POST', '/containers/nobody/start')).status === 404;
  assert.ok(await within(20_000, answers), 'containerd does not come back');
}

for (let round = 0; round < ROUNDS; round += 1) {
  const victims = VICTIMS[Math.floor(next() * VICTIMS.length)] ?? ['daemon'];
  const afterMs = Math.round(next() * SCENARIO_MS);
  const bootMs = Math.round(next() * BOOT_MS);
  const name = `${victims.join(', ')} after ${afterMs} ms`;
  test(`seed ${SEED}, round ${round}: ${name}`, async () => {
    const container = `round-${round}`;
    const playing = untilDeath(world.daemon, container);
    await sleep(afterMs);
    await world.kill(...victims.map(pidOf));
    await playing;
    if (!isAlive(world.daemon.pid())) {
      if (bootMs % 2 === 0) await world.daemon.killedInBoot(bootMs);
      await world.daemon.restart();
    }
    await containerdIsBack();
    await assertConverges(world.daemon);
    const id = newestContainer(world.daemon, container);
    await liveOn(world.daemon, container, { lossy: victims.includes('stdio') });
    await world.assertQuiet();
    if (id !== '') assertNoTrace(world.daemon, id);
  });
}
