/**
 * `npm run test:differential`: hundreds of combinations of create's options are asked of a dockerd
 * 20.10 and of shiplog; compared are the answers, inspect, and what the container sees of itself.
 *
 *   --seed N    of the random combinations, default 1
 *   --count N   how many of these, default 120
 *   --only TEXT cases whose title holds the text
 */
import { existsSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildBusyboxImage } from '../../support/busyboxImage.ts';
import { allGroups } from '../../support/controlGroups.ts';
import { removeCgroup } from '../../support/leftovers.ts';
import { startTemporaryDaemon } from '../../support/temporaryDaemon.ts';
import { findDockerd, startDockerd } from '../dockerd.ts';
import { type Case, cases } from './cases.ts';
import { CGROUP_PARENT } from './choices.ts';
import { type Difference, differences } from './compare.ts';
import { runcWithout, withheldHere } from './confinement.ts';
import type { KnownLine } from './known.ts';
import { Subject } from './subject.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '120' },
    only: { type: 'string', default: '' },
  },
});

const binary = findDockerd();
if (binary === undefined) throw new Error('no dockerd on the PATH and none by SHIPLOG_DOCKERD');

const all = cases(Number(values.seed), Number(values.count)).filter(({ title }) =>
  title.includes(values.only),
);
const init = initProgram(binary);
const ours = await startTemporaryDaemon({ flags: init === undefined ? [] : ['--init-path', init] });
const withheld = withheldHere();
if (withheld.length > 0) {
  const said = `here nobody has ${withheld.join(', ')}: compared without`;
  process.stdout.write(`${said}\n`);
}
const programs = withheld.length === 0 ? undefined : runcWithout(withheld);
const config = init === undefined ? {} : { 'init-path': init };
const theirs = await startDockerd(binary, config, undefined, programs);
const used = new Set<KnownLine>();
let different = 0;
try {
  const dockerd = new Subject(theirs.socket);
  const shiplog = new Subject(ours.socket);
  const { archive } = await buildBusyboxImage();
  await Promise.all([dockerd.load(archive), shiplog.load(archive)]);
  for (const one of all) {
    const [left, right] = await Promise.all([dockerd.tell(one), shiplog.tell(one)]);
    const found = differences(left, right, used);
    if (found.length > 0) different += 1;
    for (const difference of found) show(one, difference);
  }
} finally {
  await theirs.stop();
  await ours.stop();
  sweepParents();
  if (programs !== undefined) rmSync(programs, { recursive: true });
}

/** The parent that a case asks for is made by the runtime and left, here as there. */
function sweepParents(): void {
  const parents = allGroups().filter((path) => path.endsWith(CGROUP_PARENT));
  for (const path of parents) removeCgroup(path);
}

/** dockerd's own, from the package that dockerd comes from. */
function initProgram(dockerd: string): string | undefined {
  const beside = join(dirname(dockerd), '..', 'bin', 'docker-init');
  return ['/usr/bin/docker-init', beside].find((path) => existsSync(path));
}

function show({ title }: Case, { part, dockerd, shiplog }: Difference): void {
  process.stdout.write(`${title}: ${part}\n`);
  for (const line of dockerd) process.stdout.write(`  dockerd: ${line}\n`);
  for (const line of shiplog) process.stdout.write(`  shiplog: ${line}\n`);
}

process.stdout.write(`${all.length} cases, seed ${values.seed}: ${different} differ\n`);
process.exitCode = different === 0 ? 0 : 1;
