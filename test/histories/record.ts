/**
 * `npm run history -- [SCENARIO…]` records a history of each scenario that has none of this version
 * (needs root); `npm run history -- --views` writes anew what follows from the recorded facts, after
 * a read model has changed its shape. Facts that were recorded are never written again.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Neighbours } from '../crash/neighbours.ts';
import { ROOT } from '../tidy/project.ts';
import {
  buildViews,
  digestOfFacts,
  factLines,
  factsFile,
  histories,
  layOut,
  packFacts,
  RECORDED,
  viewLines,
  viewsFile,
  viewText,
} from './history.ts';
import { SCENARIOS } from './scenarios.ts';

const INDEX = join(RECORDED, 'digests.json');
const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  readonly version: string;
};

function note(name: string, digest: string): void {
  const known = existsSync(INDEX) ? JSON.parse(readFileSync(INDEX, 'utf8')) : {};
  const all = Object.entries({ ...known, [name]: digest }).sort();
  writeFileSync(INDEX, `${JSON.stringify(Object.fromEntries(all), null, 2)}\n`);
}

async function record(scenario: string): Promise<void> {
  const name = `${version}-${scenario}`;
  if (existsSync(factsFile(name))) return console.log(`${name} is recorded already`);
  const world = await Neighbours.open();
  try {
    await SCENARIOS[scenario]?.(world);
    await world.daemon.terminate();
    const log = join(world.daemon.dataRoot, 'log.db');
    const facts = factLines(log);
    const packed = packFacts(facts);
    writeFileSync(factsFile(name), packed);
    writeFileSync(viewsFile(name), viewText(viewLines(log)));
    note(name, digestOfFacts(facts));
    console.log(`${name}: ${facts.length} facts, ${packed.length} bytes`);
    await world.daemon.restart();
  } finally {
    await world.daemon.stop();
  }
}

function rewriteViews(): void {
  for (const history of histories()) {
    const directory = mkdtempSync(join(tmpdir(), 'shiplog-history-'));
    try {
      const path = join(directory, 'log.db');
      layOut(path, history);
      buildViews(path);
      writeFileSync(viewsFile(history.name), viewText(viewLines(path)));
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  }
}

const asked = process.argv.slice(2);
if (asked.includes('--views')) rewriteViews();
else {
  const names = asked.length > 0 ? asked : Object.keys(SCENARIOS);
  const unknown = names.filter((name) => SCENARIOS[name] === undefined);
  if (unknown.length > 0) throw new Error(`no scenario ${unknown.join(', ')}`);
  for (const name of names) await record(name);
}
