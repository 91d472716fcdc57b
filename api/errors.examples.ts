/**
 * When each error is given, with an example of what its text is made of: docs/errors.md is written
 * from this table, which must have a row for every kind there is.
 */
import type { Refusal } from '../machines/container.commands.ts';
import type { Asked, RequestErrorKind, RequestErrors } from './errors.ts';

export type RequestExamples = {
  readonly [K in RequestErrorKind]: readonly [when: string, about: RequestErrors[K]];
};

const id = '4f0e';
const ref = 'web';

export const REQUEST_EXAMPLES: RequestExamples = {
  'page-not-found': ['The path is unknown, or the method is wrong for it', {}],
  'version-too-new': [
    'The version in the path is newer than the newest',
    { asked: '9.9', max: '1.55' },
  ],
  'version-too-old': [
    'The version in the path is older than the oldest',
    { asked: '1.10', min: '1.24' },
  ],
  'bad-content-type': ['A body is not declared as JSON', { given: 'text/plain' }],
  'bad-json': [
    'A body is no JSON, or a field has the wrong type',
    { detail: 'field Image must be string' },
  ],
  'trailing-json': ['Something follows the JSON in the body', {}],
  'body-too-large': ['A body is larger than anything that makes sense', { limit: 4194304 }],
  'body-cut-off': ['The client went away in the middle of its body', {}],
  'start-with-body': ['A start has a body, as it had long ago', {}],
  'bad-parameter': ['A parameter of the query has a wrong value', { message: 'invalid limit "x"' }],
  'invalid-filter': [
    '`filters` is no JSON of a known shape, or has an unknown key',
    { key: 'bogus' },
  ],
  'invalid-filter-value': [
    'A filter has a value that it can not have',
    { key: 'exited', value: 'x' },
  ],
  'no-such-container': ['No container has the id, the name or the beginning of an id', { ref }],
  'no-such-exec': ['No exec has the id, or its run is over', { exec: '1a2b' }],
  'no-exec-command': ['An exec is to be made without a command', {}],
  'exec-not-running': [
    'The terminal of an exec that does not run is to be resized',
    { exec: '1a2b' },
  ],
  'no-such-image': ['No image has the name or id', { ref: 'busybox:latest' }],
  'wrong-platform': [
    'The image is of another platform',
    { ref: 'busybox:latest', asked: 'linux/arm64' },
  ],
  'bad-image-reference': ['What should name an image can not', { ref: 'Capital' }],
  'empty-reference': ['A path names nothing', {}],
  'bad-tag': ['What should be a tag can not be one', {}],
  'tag-with-digest': ['A tag is to be made of a reference by digest', {}],
  'ambiguous-tag': ['A tag is to be called as an algorithm of digests', {}],
  'bad-change': ['A change of an import can not be read', { message: 'unknown instruction: X' }],
  'ambiguous-reference': ['A beginning fits several ids', { ref: '4' }],
  'invalid-name': ['A name has letters that names do not have', { name: '_x', command: 'create' }],
  'empty-new-name': ['A rename to nothing', {}],
  'invalid-create': ['An option of create has a wrong value', { message: 'no command specified' }],
  'failed-create': [
    'An option of create is wrong in a way that dockerd calls its own failure',
    { message: 'invalid --security-opt 2: "foo=bar"' },
  ],
  unsupported: ['shiplog knows what is meant and does not do it', { what: 'building images' }],
  'unknown-runtime': ['No runtime has the name', { name: 'bogus', at: 'create' }],
  'no-restart': [
    'It would not start again, so it is not stopped',
    { ref: 'web', message: 'unknown or invalid runtime name: mine' },
  ],
  'not-reloaded': [
    'The configuration is wrong, and stays as it was',
    { message: "runtime name 'runc' is reserved" },
  ],
  'runtime-missing': [
    'The program of a runtime with arguments is not there',
    {
      message:
        'error while looking up the specified runtime path: ' +
        'exec: "/no": stat /no: no such file or directory',
    },
  ],
  'bad-signal': ['There is no such signal', { command: 'kill', ref, given: 'BOGUS' }],
  'bad-detach-keys': ['The keys to detach with can not be read', { keys: 'ctrl-' }],
  'attach-paused': ['Attach to a paused container', { id }],
  'is-restarting': ['Attach to or top of a container between two runs', { id }],
  'container-not-running': ['A resize or a top of a container that does not run', { id }],
  'no-log-stream': ['Logs of neither stdout nor stderr', {}],
  'log-of-dead': ['Logs of a container that is being removed', {}],
  'log-not-readable': ['Logs of a container that keeps none', {}],
  'no-such-file': ['Nothing lies at the path in the container', { path: '/x', ref }],
  'empty-path': ['A copy names no path', {}],
  'copy-refused': [
    'The root is read-only, or a tar holds a device',
    { message: 'container rootfs is marked read-only' },
  ],
  'not-copied-when-dead': ['The container is dead', { id, doing: 'export' }],
  'not-copied-when-removed': ['The container is being removed', { id, doing: 'export' }],
  'load-failed': [
    'The archive is none, or is broken',
    { message: 'no manifest.json in the archive' },
  ],
  'not-ready': ['The first reconcile after the start of the daemon is not over', {}],
  'prune-running': ['A prune, while another of its kind runs', {}],
  'no-such-network': ['No network has the name or id', { ref: 'web' }],
  'predefined-name': [
    'A network would have the name of one that is always there',
    { name: 'host' },
  ],
  'only-one-network': ['A second network of a driver that has one', { driver: 'host' }],
  'no-such-volume': ['No volume has the name', { name: 'data' }],
  'no-volume-driver': ['A volume of a driver that is not there', { name: 'data', driver: 'nfs' }],
  'bad-mount': ['`-v` with words that mean nothing', { message: 'invalid mode: x' }],
  'no-such-plugin': ['No plugin has the name', { name: 'p' }],
  'not-in-swarm': ['A swarm is to be left, and there is none', {}],
  experimental: ['Checkpoints are asked for: nothing here is experimental', {}],
  'no-swarm': ['Something of a swarm is asked for, and there is none', {}],
  'no-such-endpoint': ['Nobody of that name is to be disconnected by force', { name: 'web' }],
  'no-such-config-network': ['A network is to be like one that is not there', { name: 'n' }],
  internal: ['A bug of shiplog', { message: '…' }],
};

export type RefusalExamples = {
  readonly [K in Refusal['kind']]: readonly [
    when: string,
    refusal: Extract<Refusal, { kind: K }>,
    command: Asked['command'],
  ];
};

const message = '…';
const exec = '1a2b';

export const REFUSAL_EXAMPLES: RefusalExamples = {
  'no-such-volume': [
    'It was removed meanwhile',
    { kind: 'no-such-volume', name: 'data' },
    'volume',
  ],
  'volume-in-use': [
    'A container has the volume, running or not',
    { kind: 'volume-in-use', name: 'data', containers: [ref] },
    'volume',
  ],
  'volume-failed': [
    'The directory of the volume can not be made or deleted',
    { kind: 'volume-failed', doing: 'remove', name: 'data', message },
    'volume',
  ],
  'volume-gone': [
    'Its volume was removed each time that it was made',
    { kind: 'volume-gone', name: 'data' },
    'create',
  ],
  'no-such-container': ['It was removed meanwhile', { kind: 'no-such-container', ref }, 'start'],
  'name-in-use': [
    'Another container has the name',
    { kind: 'name-in-use', name: 'web', holder: id },
    'create',
  ],
  'not-running': ['It has to run for that', { kind: 'not-running', id }, 'pause'],
  paused: ['It is paused', { kind: 'paused', id, command: 'start' }, 'start'],
  'already-paused': ['It is paused already', { kind: 'already-paused', id }, 'pause'],
  'not-paused': ['It is not paused', { kind: 'not-paused', id }, 'unpause'],
  'marked-for-removal': [
    'It is being removed',
    { kind: 'marked-for-removal', id, command: 'rename' },
    'rename',
  ],
  'removal-in-progress': ['It is being removed', { kind: 'removal-in-progress', id }, 'remove'],
  'running-needs-force': ['It runs', { kind: 'running-needs-force', id }, 'remove'],
  'paused-needs-force': ['It is paused', { kind: 'paused-needs-force', id }, 'remove'],
  restarting: ['It is between two runs', { kind: 'restarting', id }, 'pause'],
  'update-conflict': [
    'The new value contradicts another',
    { kind: 'update-conflict', id, conflict: 'auto-remove' },
    'update',
  ],
  'update-failed': [
    'The control group did not take the change',
    { kind: 'update-failed', id, message },
    'update',
  ],
  'same-name': ['It has that name', { kind: 'same-name', id }, 'rename'],
  'create-failed': ['Its root could not be prepared', { kind: 'create-failed', message }, 'create'],
  'start-failed': [
    'Its process could not be started; 400 if the program is missing or no program',
    { kind: 'start-failed', message, exitCode: 128 },
    'start',
  ],
  'signal-failed': ['The signal could not be sent', { kind: 'signal-failed', id, message }, 'kill'],
  'stop-failed': ['It did not end, not even by KILL', { kind: 'stop-failed', id, message }, 'stop'],
  'pause-failed': [
    'The runtime could not freeze it',
    { kind: 'pause-failed', id, message },
    'pause',
  ],
  'unpause-failed': [
    'The runtime could not thaw it',
    { kind: 'unpause-failed', id, message },
    'unpause',
  ],
  'remove-failed': [
    'Something of it could not be removed; it may be tried again',
    { kind: 'remove-failed', id, message },
    'remove',
  ],
  'no-such-exec': ['Its run is over', { kind: 'no-such-exec', exec }, 'exec'],
  'exec-running': ['It was started already, and runs', { kind: 'exec-running', exec }, 'exec'],
  'exec-ran': ['It was started already, and is over', { kind: 'exec-ran', exec }, 'exec'],
  'exec-start-failed': [
    'Its process could not be started',
    { kind: 'exec-start-failed', message, exitCode: 127 },
    'exec',
  ],
  'id-known': ['A container of that id is there already', { kind: 'id-known', id }, 'reconcile'],
  adopted: ['How it was started is not known', { kind: 'adopted', id, command: 'start' }, 'start'],
  'adopt-failed': [
    'It could not be taken over',
    { kind: 'adopt-failed', id, message },
    'reconcile',
  ],
  'no-such-image': ['It was removed meanwhile', { kind: 'no-such-image', ref: 'a:1' }, 'image'],
  'image-reference-in-use': [
    'A container was made of it, and it has no other name',
    { kind: 'image-reference-in-use', reference: 'a:1', image: 'sha256:77', container: id },
    'image',
  ],
  'image-in-use': [
    'A container was made of it',
    { kind: 'image-in-use', image: 'sha256:77', container: id, running: true },
    'image',
  ],
  'image-in-repositories': [
    'It has several names, and is to be removed by its id',
    { kind: 'image-in-repositories', image: 'sha256:77' },
    'image',
  ],
  'image-change-failed': [
    'containerd did not carry it out',
    { kind: 'image-change-failed', message },
    'image',
  ],
  'image-load-failed': [
    'The image could not be stored',
    { kind: 'image-load-failed', message },
    'load',
  ],
  'no-such-network': [
    'It was removed meanwhile',
    { kind: 'no-such-network', ref: 'front' },
    'network',
  ],
  'network-exists': [
    'Another network has the name',
    { kind: 'network-exists', name: 'front' },
    'network',
  ],
  'network-predefined': [
    'It is there from the start',
    { kind: 'network-predefined', name: 'bridge' },
    'network',
  ],
  'network-in-use': [
    'A container that runs is in it',
    { kind: 'network-in-use', name: 'front', users: [{ name: 'web', endpoint: '9f' }] },
    'network',
  ],
  'network-invalid': [
    'A subnet, range, gateway or option is none',
    { kind: 'network-invalid', message },
    'network',
  ],
  'network-forbidden': [
    'It has what another one has, or two subnets of a family',
    { kind: 'network-forbidden', message },
    'network',
  ],
  'pool-overlaps': ['Another network has the subnet', { kind: 'pool-overlaps' }, 'network'],
  'pools-exhausted': ['No subnet is left to choose', { kind: 'pools-exhausted' }, 'network'],
  'network-failed': [
    'The host could not be changed',
    { kind: 'network-failed', message },
    'network',
  ],
  'endpoint-exists': [
    'It is in the network already',
    { kind: 'endpoint-exists', name: 'web', network: 'front' },
    'connect',
  ],
  'not-connected': [
    'It is not in the network',
    { kind: 'not-connected', container: id, network: 'front', lives: true },
    'disconnect',
  ],
  'endpoint-invalid': [
    'The container can not be in that network, or not with that address',
    { kind: 'endpoint-invalid', message, status: 400 },
    'connect',
  ],
  busy: [
    'Another step of the same container did not end in time',
    { kind: 'busy', id, waitingFor: 'starting' },
    'start',
  ],
  deadline: [
    'It was accepted and goes on, but takes too long to wait for',
    { kind: 'deadline', command: 'start' },
    'start',
  ],
  'runtime-away': [
    'containerd can not be reached',
    { kind: 'runtime-away', sinceNs: '0' },
    'start',
  ],
  'actor-stopped': [
    'A bug stopped the actor; inspect and forced removal are left',
    { kind: 'actor-stopped', stream: 'container/4f0e', reason: 'drift' },
    'start',
  ],
  'log-failed': [
    'The log could not be written, as on a full disk',
    { kind: 'log-failed', message },
    'start',
  ],
};
