/** Rules that keep machines pure, and time and chance in one place (laws 2 and 18). */
import { findAll, inRoom, isTestFile, isTypeScript, type Rule, samples } from './rule.ts';
import { closing, lineOf } from './source.ts';

const inMachines = (path: string): boolean =>
  inRoom('machines')(path) && isTypeScript(path) && !isTestFile(path);

const MACHINE = 'machines/sample.machine.ts';

export const machineTokens: Rule = {
  name: 'machine-tokens',
  applies: inMachines,
  check: ({ code, withStrings }) => [
    ...findAll(code, [
      [/\bafter\s*:/g, '`after` never re-arms after a restart: ask for the effect `timer`'],
      [/\binvoke\s*:/g, '`invoke` runs again after a restart: ask for an effect'],
      [/\balways\s*:/g, 'an `always` cycle kills the process: decide, then log a fact'],
      [
        /\b(?:raise|sendTo|sendParent|emit|fromPromise|fromCallback)\s*\(/g,
        'facts come from the log',
      ],
      [/\bspawn\w*\b/g, 'actors are opened by the room actors/'],
      [/\bhistory\s*:/g, 'history is lost through JSON'],
      [/\bDate\b/g, 'time arrives in facts'],
      [/\b(?:async|await|Promise)\b/g, 'machines are synchronous'],
    ]),
    ...findAll(withStrings, [
      [/['"]\*['"]\s*:/g, 'a wildcard hides what was not thought of: name each fact'],
      [/type\s*:\s*['"]history['"]/g, 'history is lost through JSON'],
    ]),
  ],
  breaks: samples(
    MACHINE,
    'const s = { after: { 100: "x" } };',
    'const s = { invoke: { src: "x" } };',
    'const s = { always: "x" };',
    'raise({ type: "x" });',
    'sendTo("a", { type: "x" });',
    'spawnChild("x");',
    'const s = { history: "deep" };',
    'const s = { type: "history" };',
    'const on = { "*": "x" };',
    'const c = { at: new Date(0) };',
    'export async function f() {}',
  ),
  passes: samples(
    MACHINE,
    '// after: a comment may say invoke: and Date',
    'const text = "after: Date";',
    'if (after === before) run();',
  ),
};

export const machineImports: Rule = {
  name: 'machine-imports',
  applies: inMachines,
  check: ({ withStrings }) =>
    findAll(withStrings, [[/from\s+['"]node:[^'"]*['"]/g, 'machines know nothing of the world']]),
  breaks: samples(MACHINE, "import { readFile } from 'node:fs';"),
  passes: samples(MACHINE, "import { setup } from 'xstate';"),
};

export const inlineActions: Rule = {
  name: 'inline-actions',
  applies: inMachines,
  check: ({ code }) =>
    [...code.matchAll(/\b(?:actions|entry)\s*:\s*/g)].flatMap((match) => {
      const start = match.index + match[0].length;
      const rest = code.slice(start);
      const list = rest.startsWith('[') ? code.slice(start, closing(code, start)) : '';
      const inline = /^(?:\(|async\b|function\b|[\w.]+\()/.test(rest);
      if (!inline && !/=>|\bfunction\b|\w\(/.test(list)) return [];
      return [{ line: lineOf(code, match.index), message: 'name the action in setup()' }];
    }),
  breaks: samples(
    MACHINE,
    'const t = { actions: () => undefined };',
    'const t = { actions: ["noted", ({ context }) => context] };',
    'const t = { actions: assign({ a: 1 }) };',
    'const t = { entry: [assign({ a: 1 })] };',
  ),
  passes: samples(
    MACHINE,
    'const t = { actions: ["noted", ask.clean, ...stopActions] };',
    'setup({ actions: { noted: assign(() => ({})) } });',
  ),
};

export const timeAndChance: Rule = {
  name: 'time-and-chance',
  applies: (path) => isTypeScript(path) && !isTestFile(path) && !path.startsWith('effects/system/'),
  check: ({ code }) =>
    findAll(code, [
      [/\bDate\.now\b|\bnew Date\(\s*\)|\bprocess\.hrtime\b|\bperformance\.now\b/g, 'take a clock'],
      [/\bMath\.random\b|\brandomUUID\b|\brandomBytes\b/g, 'take ids as a parameter'],
      [/(?<![.\w])set(?:Timeout|Interval)\b/g, 'take a sleep or a timer as a parameter'],
    ]),
  breaks: samples(
    'actors/sample.ts',
    'const now = Date.now();',
    'const now = new Date();',
    'const dice = Math.random();',
    "import { randomUUID } from 'node:crypto';",
    'setTimeout(run, 5);',
    'const t = process.hrtime.bigint();',
  ),
  passes: [
    ...samples('actors/sample.ts', 'const at = new Date(ms);', 'socket.setTimeout(0);'),
    ...samples('actors/sample.unit.spec.ts', 'setTimeout(run, 5);'),
  ].filter(({ path }) => !isTestFile(path)),
};
