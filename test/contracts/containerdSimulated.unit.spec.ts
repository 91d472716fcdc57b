/** The simulated containerd keeps the contract. */
import { after, before } from 'node:test';
import { SimulatedClock, turn } from '../sim/clock.ts';
import { Life } from '../sim/life.ts';
import { Random } from '../sim/random.ts';
import { STORM, Weather } from '../sim/weather.ts';
import { IMAGE, SimulatedWorld, SNAPSHOTTER } from '../sim/world.ts';
import { absenceContract } from './absence.contract.ts';
import { execsContract } from './execs.contract.ts';
import { metadataContract } from './metadata.contract.ts';
import type { Behaviour, Subject } from './subject.ts';
import { tasksContract } from './tasks.contract.ts';

const PROGRAMS: Readonly<Record<Behaviour, readonly string[]>> = {
  'exits 7': ['/program', 'lasts=5', 'code=7'],
  sleeps: ['/program'],
  'ignores TERM': ['/program', 'ignores-term'],
  'is missing': ['/program', 'missing'],
};

let subject: Subject;

function open(): Subject {
  const clock = new SimulatedClock();
  const weather = new Weather(new Random(1), STORM);
  weather.calm();
  const world = new SimulatedWorld(clock, new Random(2), weather);
  const life = new Life(
    1,
    () => false,
    () => undefined,
  );
  let over = false;
  void (async () => {
    while (!over) {
      await turn();
      await clock.advance(1);
    }
  })();
  return {
    client: world.client(life),
    snapshotter: SNAPSHOTTER,
    parent: IMAGE.chainId,
    runtimeRoot: '/runc',
    args: (behaviour) => PROGRAMS[behaviour],
    pause: (ms) => clock.delay(ms),
    async killShim(id) {
      world.containerd.tasks.shimDies(id);
    },
    async restart(body) {
      world.containerd.restart(500);
      await body();
      await clock.delay(600);
    },
    async close() {
      over = true;
    },
  };
}

before(() => {
  subject = open();
});
after(() => subject.close());

const get = (): Subject => subject;
metadataContract(get);
tasksContract(get);
execsContract(get);
absenceContract(get);
