/**
 * The `changes` of import (and commit): single lines of a Dockerfile that set something of an
 * image's `config`. The instructions that run or copy something are none of them.
 */
import { posix } from 'node:path';
import type { JsonObject, JsonValue } from '../../machines/words.ts';
import { apiError } from '../errors.ts';
import { healthcheck } from './changes.healthcheck.ts';
import { object, text, texts } from './config.ts';

const bad = (message: string) => apiError('bad-change', { message });

const WORD = /(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')+/g;

/** Words as a shell splits them; quotes and backslashes are taken away. */
function words(line: string): string[] {
  if (line.replace(WORD, '').trim() !== '') throw bad(`unexpected end of statement in ${line}`);
  return [...line.matchAll(WORD)].map(([raw]) => unquoted(raw));
}

const unquoted = (raw: string): string =>
  raw.replace(/\\(.)|"((?:[^"\\]|\\.)*)"|'([^']*)'/g, (_, sign, double, single) =>
    sign !== undefined ? sign : (single ?? String(double).replace(/\\(["\\$])/g, '$1')),
  );

/** `KEY=value KEY2="more words"`, or `KEY the rest`. */
function pairs(instruction: string, line: string): (readonly [string, string])[] {
  const [first = ''] = line.split(/\s/);
  if (!first.includes('=')) {
    const rest = line.slice(first.length).trim();
    if (first === '' || rest === '') throw bad(`${instruction} must have two arguments`);
    return [[unquoted(first), rest]];
  }
  return words(line).map((word) => {
    const at = word.indexOf('=');
    if (at < 1)
      throw bad(`Syntax error - can't find = in "${word}". Must be of the form: name=value`);
    return [word.slice(0, at), word.slice(at + 1)];
  });
}

/** A JSON list of texts; undefined: it is none, and is meant for the shell. */
function list(line: string): string[] | undefined {
  if (!line.startsWith('[')) return undefined;
  try {
    const value: JsonValue = JSON.parse(line);
    const found = texts(value);
    return Array.isArray(value) && found.length === value.length ? [...found] : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

const command = (line: string): string[] => list(line) ?? ['/bin/sh', '-c', line];

function keys(config: JsonObject, field: string, names: readonly string[]): JsonObject {
  const added = Object.fromEntries(names.map((name) => [name, {}]));
  return { [field]: { ...object(config[field]), ...added } };
}

/** The last one of a name counts, at the place of the first. */
function withEnv(config: JsonObject, line: string): JsonObject {
  const env = new Map(texts(config['Env']).map((one) => [one.split('=')[0] ?? '', one]));
  for (const [name, value] of pairs('ENV', line)) env.set(name, `${name}=${value}`);
  return { Env: [...env.values()] };
}

function exposed(word: string): string {
  const found = /^(\d+(?:-\d+)?)(?:\/(tcp|udp|sctp))?$/i.exec(word);
  if (found === null) throw bad(`Invalid containerPort: ${word}`);
  return `${found[1]}/${(found[2] ?? 'tcp').toLowerCase()}`;
}

const INSTRUCTIONS: Readonly<Record<string, (config: JsonObject, line: string) => JsonObject>> = {
  CMD: (_, line) => ({ Cmd: command(line) }),
  ENTRYPOINT: (_, line) => ({ Entrypoint: command(line) }),
  ENV: withEnv,
  EXPOSE: (config, line) => keys(config, 'ExposedPorts', words(line).map(exposed)),
  HEALTHCHECK: (_, line) => ({ Healthcheck: healthcheck(line, command, bad) }),
  LABEL: (config, line) => ({
    Labels: { ...object(config['Labels']), ...Object.fromEntries(pairs('LABEL', line)) },
  }),
  ONBUILD: (config, line) => ({ OnBuild: [...texts(config['OnBuild']), line] }),
  STOPSIGNAL: (_, line) => ({ StopSignal: line }),
  USER: (_, line) => ({ User: line }),
  VOLUME: (config, line) => keys(config, 'Volumes', list(line) ?? words(line)),
  WORKDIR: (config, line) => ({
    WorkingDir: posix.resolve('/', text(config['WorkingDir']), unquoted(line)),
  }),
};

function changeOne(config: JsonObject, line: string): JsonObject {
  const [first = ''] = line.split(/\s/);
  const name = first.toUpperCase();
  const change = INSTRUCTIONS[name];
  if (change === undefined) throw bad(`${name} is not a valid change command`);
  const rest = line.slice(first.length).trim();
  if (rest === '') throw bad(`${name} requires at least one argument`);
  return { ...config, ...change(config, rest) };
}

/** `config` with the changes made, in their order. @throws ApiError 400 */
export function changed(config: JsonObject, changes: readonly string[]): JsonObject {
  const lines = changes.flatMap((change) => change.split('\n')).map((line) => line.trim());
  return lines.filter((line) => line !== '' && !line.startsWith('#')).reduce(changeOne, config);
}
