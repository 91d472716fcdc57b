/**
 * Our .proto files say the same as containerd's own: every field, enum value and method that we
 * declare is there, with the same number, type and label. Read from Debian's source package.
 */
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import protobuf from 'protobufjs';
import { protoDirectory, protoFiles } from './proto.ts';

const source = '/usr/share/gocode/src/github.com/containerd/containerd';
const present = existsSync(join(source, 'api'));
const skip = present ? false : `NOT CHECKED: no containerd source in ${source}`;
if (!present) process.emitWarning(String(skip));

/**
 * Our package google.rpc is not containerd's; the generic options it passes on unread, and 1.6 does
 * not know all of them.
 */
const foreign = ['.google', '.runtimeoptions'];

interface Field {
  readonly id: number;
  readonly type: string;
  readonly label: string;
}

/** Every declaration by its full name: field, enum value, method. */
function declarations(files: readonly string[]): Map<string, Field | number | string> {
  const root = new protobuf.Root();
  // Types are compared by name, so nothing that is imported has to be found.
  for (const file of files) {
    protobuf.parse(readFileSync(file, 'utf8').replaceAll('import weak', 'import'), root, {
      keepCase: true,
    });
  }
  const found = new Map<string, Field | number | string>();
  walk(root, found);
  return found;
}

function walk(space: protobuf.NamespaceBase, found: Map<string, Field | number | string>): void {
  for (const object of space.nestedArray) {
    if (foreign.some((name) => object.fullName.startsWith(name))) continue;
    if (object instanceof protobuf.Enum) {
      for (const [name, id] of Object.entries(object.values)) {
        found.set(`${object.fullName}.${name}`, id);
      }
    }
    if (object instanceof protobuf.Type) fields(object, found);
    if (object instanceof protobuf.Service) methods(object, found);
    if (object instanceof protobuf.Namespace) walk(object, found);
  }
}

function fields(type: protobuf.Type, found: Map<string, Field | number | string>): void {
  for (const field of type.fieldsArray) {
    const key = field instanceof protobuf.MapField ? `map<${field.keyType}>` : '';
    const label = key === '' ? (field.repeated ? 'repeated' : 'single') : key;
    found.set(field.fullName, { id: field.id, type: lastPart(field.type), label });
  }
}

function methods(service: protobuf.Service, found: Map<string, Field | number | string>): void {
  for (const method of service.methodsArray) {
    const request = (method.requestStream ? 'stream ' : '') + lastPart(method.requestType);
    const response = (method.responseStream ? 'stream ' : '') + lastPart(method.responseType);
    found.set(method.fullName, `${request} -> ${response}`);
  }
}

/** `types.Platform` inside of package containerd is `containerd.types.Platform` outside. */
function lastPart(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}

const ours = declarations(protoFiles().map((name) => join(protoDirectory, name)));

test('each of our declarations is containerd’s', { skip }, () => {
  const theirs = declarations([
    ...globSync(`${source}/api/{types,services,events}/**/*.proto`).filter(
      (path) => !path.includes('/ttrpc/'),
    ),
    `${source}/runtime/v2/runc/options/oci.proto`,
  ]);
  for (const [name, declared] of ours) {
    assert.ok(theirs.has(name), `${name} is not containerd's`);
    assert.deepEqual(declared, theirs.get(name), name);
  }
});

test('the comparison sees all that we declare', () => {
  assert.ok(ours.size > 200, `only ${ours.size} declarations`);
  assert.deepEqual(ours.get('.containerd.services.tasks.v1.CreateTaskRequest.rootfs'), {
    id: 3,
    type: 'Mount',
    label: 'repeated',
  });
  assert.equal(ours.get('.containerd.v1.types.Status.STOPPED'), 3);
  assert.equal(
    ours.get('.containerd.services.events.v1.Events.Subscribe'),
    'SubscribeRequest -> stream Envelope',
  );
});
