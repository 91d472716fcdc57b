/**
 * Loads our .proto files, once: methods by service and name, messages by full name. Objects keep
 * the field names of the wire (snake_case), so that a wire object is told from one of ours at
 * sight.
 */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type {
  MessageTypeDefinition,
  MethodDefinition,
  PackageDefinition,
} from '@grpc/proto-loader';
import { loadSync } from '@grpc/proto-loader';

export type Method = MethodDefinition<object, object>;
export type Message = MessageTypeDefinition<object, object>;

export const protoDirectory = fileURLToPath(new URL('./proto', import.meta.url));

export function protoFiles(): string[] {
  return readdirSync(protoDirectory).filter((name) => name.endsWith('.proto'));
}

let loaded: PackageDefinition | undefined;

function definitions(): PackageDefinition {
  loaded ??= loadSync(protoFiles(), {
    includeDirs: [protoDirectory],
    keepCase: true,
    longs: String,
    enums: String,
    defaults: true,
  });
  return loaded;
}

/**
 * @param service e.g. `tasks.v1.Tasks`, below `containerd.services.`.
 * @throws Error if our files do not declare it: a bug of ours.
 */
export function method(service: string, name: string): Method {
  const entry = definitions()[`containerd.services.${service}`];
  const found = entry && !isMessage(entry) ? Reflect.get(entry, name) : undefined;
  if (!isMethod(found)) throw new Error(`no method ${service}/${name} in our proto files`);
  return found;
}

/** @param name full name, e.g. `containerd.runc.v1.Options`; undefined if we do not know it. */
export function message(name: string): Message | undefined {
  const entry = definitions()[name];
  return entry && isMessage(entry) ? entry : undefined;
}

function isMessage(entry: object): entry is Message {
  return 'format' in entry && 'serialize' in entry;
}

function isMethod(value: unknown): value is Method {
  return typeof value === 'object' && value !== null && 'path' in value;
}
