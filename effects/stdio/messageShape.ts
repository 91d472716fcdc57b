/** What arrives is unknown until it is looked at: readers for the members of a message. */
import type { AttachWants, Hello, Request, RunParameters } from './protocol.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** Throws `TypeError` for anything but a JSON object. */
export function asFields(value: unknown): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new TypeError('not an object');
  }
  return { ...value };
}

function field<T>(fields: Fields, name: string, test: (value: unknown) => value is T): T {
  const value = fields[name];
  if (!test(value)) throw new TypeError(`${name} is missing or of the wrong kind`);
  return value;
}
const isText = (value: unknown): value is string => typeof value === 'string';
const isNumber = (value: unknown): value is number => typeof value === 'number';
const isYesNo = (value: unknown): value is boolean => typeof value === 'boolean';

export const text = (fields: Fields, name: string): string => field(fields, name, isText);
export const number = (fields: Fields, name: string): number => field(fields, name, isNumber);
export const yesNo = (fields: Fields, name: string): boolean => field(fields, name, isYesNo);

function texts(fields: Fields, name: string): Record<string, string> {
  const members = asFields(fields[name] ?? {});
  return Object.fromEntries(Object.keys(members).map((key) => [key, text(members, key)]));
}

/** An id that may be a directory's name. */
export function containerOf(fields: Fields): string {
  const container = text(fields, 'container');
  if (!/^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/.test(container)) {
    throw new TypeError('container is not an id');
  }
  return container;
}

export function runOf(fields: Fields): number {
  const run = number(fields, 'run');
  if (!Number.isSafeInteger(run) || run < 0) throw new TypeError('run is not a number of a run');
  return run;
}

export function runParameters(value: unknown): RunParameters {
  const fields = asFields(value);
  const logDriver = text(fields, 'logDriver');
  if (logDriver !== 'json-file' && logDriver !== 'local' && logDriver !== 'none') {
    throw new TypeError(`logger: no log driver named '${logDriver}' is registered`);
  }
  return {
    container: containerOf(fields),
    run: runOf(fields),
    tty: yesNo(fields, 'tty'),
    openStdin: yesNo(fields, 'openStdin'),
    stdinOnce: yesNo(fields, 'stdinOnce'),
    logPath: text(fields, 'logPath'),
    logDriver,
    logOptions: texts(fields, 'logOptions'),
    logAttributes: texts(fields, 'logAttributes'),
  };
}

export function attachWants(fields: Fields): AttachWants {
  return {
    stdin: yesNo(fields, 'stdin'),
    stdout: yesNo(fields, 'stdout'),
    stderr: yesNo(fields, 'stderr'),
  };
}

export function hello(value: unknown): Hello {
  const fields = asFields(value);
  const known = { protocol: text(fields, 'protocol'), version: number(fields, 'version') };
  if (fields['pid'] === undefined) return known;
  return { ...known, pid: number(fields, 'pid'), startTime: text(fields, 'startTime') };
}

export function request(value: unknown): Request {
  const fields = asFields(value);
  return {
    id: number(fields, 'id'),
    operation: text(fields, 'operation'),
    parameters: fields['parameters'] ?? {},
  };
}
