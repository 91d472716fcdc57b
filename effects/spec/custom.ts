/**
 * A spec of the user's own. What he says stands; shiplog puts in what only it can know: where the
 * root is mounted, the environment, whose values lie beside the log, the control group, by which it
 * measures and limits, and the network namespace that it has made.
 */
import type { JsonObject, JsonValue } from '../../machines/words.ts';
import { cgroupsPath } from './cgroup.ts';
import { type DeviceNumbers, resourcesOf } from './resources.ts';
import type { HostFacts, OciProcess, OciSpec, SpecSubject } from './types.ts';

export interface CustomInput {
  readonly container: SpecSubject;
  readonly spec: JsonObject;
  readonly rootPath: string;
  readonly env: readonly string[];
  readonly host: HostFacts;
  readonly networkNamespace: string | null;
  readonly deviceNumbers: DeviceNumbers;
}

export type CustomSpec = { readonly [field: string]: unknown } & Pick<OciSpec, 'root'>;

const object = (value: unknown): JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};

export function customSpec(input: CustomInput): CustomSpec {
  const { container, spec, rootPath, env, host } = input;
  const linux = object(spec['linux']);
  const limits = resourcesOf(container.hostConfig, input.deviceNumbers);
  return {
    ...object(whole(spec)),
    process: { ...object(whole(spec['process'])), env },
    root: { path: rootPath, readonly: object(spec['root'])['readonly'] === true },
    linux: {
      ...object(whole(linux)),
      namespaces: withNetwork(linux['namespaces'], input.networkNamespace),
      // What an update has changed since; else nothing.
      resources: { ...object(whole(linux['resources'])), ...limits },
      cgroupsPath: cgroupsPath(container, host),
    },
  };
}

/** A further process: the spec's own, with what it says otherwise. */
export function customProcess(spec: JsonObject, otherwise: Partial<OciProcess>): JsonObject {
  const { consoleSize: _, ...process } = object(whole(spec['process']));
  return { ...process, ...(otherwise as JsonObject) };
}

/** One that has a path is the user's business. */
function withNetwork(given: JsonValue | undefined, path: string | null): readonly unknown[] {
  const list: readonly JsonValue[] = Array.isArray(given) ? given : [];
  return list.map((one) => {
    const namespace = object(one);
    const ours = namespace['type'] === 'network' && (namespace['path'] ?? '') === '';
    return ours && path !== null ? { ...namespace, path } : one;
  });
}

/** The highest numbers of 64 bits, which JSON's readers here round up. */
const HIGHEST: ReadonlyMap<number, bigint> = new Map([
  [2 ** 64, 2n ** 64n - 1n],
  [2 ** 63, 2n ** 63n - 1n],
]);

function whole(value: unknown): unknown {
  if (typeof value === 'number') return HIGHEST.get(value) ?? value;
  if (Array.isArray(value)) return value.map(whole);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, whole(member)]));
}
