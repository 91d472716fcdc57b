/**
 * Where shiplog and a dockerd 20.10 are known to differ, each with the reason. [M] is dockerd 29,
 * the behaviour that shiplog follows where the two have parted; [M20] is the dockerd of the
 * comparison. A rule says exactly what shiplog answers: dockerd's line with `dockerd` replaced by
 * `shiplog`. A rule that fits nothing any more fails the spec.
 */

import { SURFACE_DIFFERENCES } from './knownDifferences.surface.ts';

export interface KnownDifference {
  readonly reason: string;
  /** Titles of the rows it is about; absent: any. */
  readonly rows?: RegExp;
  readonly dockerd: RegExp;
  readonly shiplog: string;
}

const TEXT = '[M] says it in other words';
const KIND = '[M20] loses the kind of a parse error and gives 500 with the decoder text; [M] 400';
const CHECKED = '[M] refuses what [M20] lets pass';

export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [
  {
    reason: 'a blank is missing there',
    rows: /archive/,
    dockerd: /pathcannot/,
    shiplog: 'path cannot',
  },
  {
    reason: 'no process of its own reads the tar; and what the client sent wrong is 400',
    rows: /PUT .*archive/,
    dockerd: /^500 Error processing tar file\(exit status 1\): /,
    shiplog: '400 ',
  },
  {
    reason: '[M] keeps the kind of the error',
    rows: /PUT .*archive/,
    dockerd: /^500 extraction point/,
    shiplog: '400 extraction point',
  },
  {
    reason: 'the file that is mounted there at start can not be replaced before it either',
    rows: /the hosts file/,
    dockerd: /^200$/,
    shiplog: '500 unlinkat /etc/hosts: device or resource busy',
  },
  {
    reason: 'nobody who may copy a file should thereby get a device',
    rows: /a device/,
    dockerd: /^200$/,
    shiplog: '403 devices are not copied into a container: /tmp/null',
  },
  {
    reason: '[M] names the path in the text, and keeps the kind of the error',
    rows: /repo=UPPER/,
    dockerd: /^\d+ invalid reference format: repository name must be lowercase/,
    shiplog: '400 invalid reference format: repository name (library/UPPER) must be lowercase',
  },
  {
    reason: '[M] gives it the kind',
    rows: /keep-storage/,
    dockerd: /^500 keep-storage/,
    shiplog: '400 keep-storage',
  },
  {
    reason: KIND,
    rows: /images.*(tag\?repo=|prune)/,
    dockerd: /^500/,
    shiplog: '400',
  },
  {
    reason: TEXT,
    dockerd: /You cannot remove a running container ID\. .*/,
    shiplog:
      'cannot remove container "NAME": container is running: ' +
      'stop the container before removing or force remove',
  },
  {
    reason: TEXT,
    dockerd: /You cannot remove a paused container ID\. .*/,
    shiplog: 'cannot remove container "NAME": container is paused and must be unpaused first',
  },
  {
    reason: TEXT,
    rows: /(running|exited): .*kill/,
    dockerd: /Invalid signal: /,
    shiplog: 'cannot kill container: NAME: invalid signal: ',
  },
  {
    reason: TEXT,
    rows: /nobody\/kill/,
    dockerd: /Invalid signal: /,
    shiplog: 'cannot kill container: nobody: invalid signal: ',
  },
  { reason: KIND, rows: /signal=99/, dockerd: /^500/, shiplog: '400' },
  {
    reason: 'and it takes the number for one without a sign',
    rows: /signal=-1/,
    dockerd: /^500 (.*) 18446744073709551615/,
    shiplog: '400 $1 -1',
  },
  {
    reason: KIND,
    rows: /stop\?t=x/,
    dockerd: /^500 strconv.*/,
    shiplog: '400 invalid timeout "x": not a whole number',
  },
  {
    reason: TEXT,
    rows: /resize\?h=x/,
    dockerd: /^400 strconv.*/,
    shiplog: '400 invalid resize height "x": not a uint32',
  },
  {
    reason: TEXT,
    dockerd: /failed to create shim task/,
    shiplog: 'failed to create task for container: failed to create shim task',
  },
  {
    reason: TEXT,
    dockerd: /Bad parameters: you must choose at least one stream/,
    shiplog: "must specify at least one of 'stdout' or 'stderr'",
  },
  {
    reason: KIND,
    rows: /since=bogus/,
    dockerd: /^500 strconv.*/,
    shiplog: '400 invalid value for "since": "bogus" is not a number of seconds',
  },
  {
    reason: KIND,
    rows: /until=bogus/,
    dockerd: /^500 strconv.*/,
    shiplog: '400 invalid value for "until": "bogus" is not a number of seconds',
  },
  { reason: TEXT, rows: /images\/nothing/, dockerd: /no such image: \S+: /, shiplog: '' },
  {
    reason: TEXT,
    rows: /Capital|capital/,
    dockerd: /(?:no such image: Capital: )?invalid reference format: repository name/,
    shiplog: 'invalid reference format: repository name (library/Capital)',
  },
  {
    reason: TEXT,
    rows: /bad reference/,
    dockerd: /repository name/,
    shiplog: 'repository name (library/BAD)',
  },
  {
    reason: 'its router redirects a path with two slashes; no client sends one on purpose',
    dockerd: /^301$/,
    shiplog: '400 invalid name or ID supplied: ""',
  },
  {
    reason: '[M] leaves Error out when there is none',
    rows: /wait/,
    dockerd: /"Error":null,/,
    shiplog: '',
  },
  {
    reason: CHECKED,
    rows: /condition=bogus/,
    dockerd: /^200$/,
    shiplog: '400 invalid condition: "bogus"',
  },
  {
    reason: KIND,
    rows: /filters/,
    dockerd: /^500 (?:json|invalid character).*/,
    shiplog: '400 invalid filter',
  },
  {
    reason: TEXT,
    dockerd: /Invalid filter 'status=bogus'/,
    shiplog:
      "invalid filter 'status=bogus': invalid value for state (bogus): must be one of " +
      'created, restarting, running, removing, paused, exited, dead',
  },
  {
    reason: KIND,
    rows: /"exited"/,
    dockerd: /^500 strconv.*/,
    shiplog: "400 invalid filter 'exited=x'",
  },
  {
    reason: TEXT,
    dockerd: /Unrecognised filter value for health: bogus/,
    shiplog:
      "invalid filter 'health=bogus': invalid value for health (bogus): " +
      // A row without a container has `none` for its id.
      'must be one of none, starting, healthy, unhealthy',
  },
  {
    reason: 'an expression that is none here may be one in Go: better said than nothing found',
    rows: /"name":\["\("\]/,
    dockerd: /^200$/,
    shiplog: "400 invalid filter 'name=(': not a regular expression",
  },
  {
    reason: KIND,
    rows: /"(before|since)"/,
    dockerd: /^500 no such container nobody/,
    shiplog: '404 No such container: nobody',
  },
  {
    reason: KIND,
    dockerd: /^500 error while looking up for (\w+) x: .*/,
    shiplog: "400 invalid filter '$1=x': not a port or range of ports",
  },
  {
    reason: '[M] takes 0 and 1 for truth values, too',
    dockerd: /^400 Invalid filter 'is-task=\[0\]'/,
    shiplog: '200',
  },
  { reason: KIND, rows: /prefix of several/, dockerd: /^500/, shiplog: '400' },
  { reason: KIND, rows: /limit=x/, dockerd: /^500 strconv.*/, shiplog: '400 invalid limit "x"' },
  {
    reason: 'an object of our own: the state in our words, and what the container waits for',
    rows: /keys of inspect$/,
    dockerd: /"RestartCount","State"/,
    shiplog: '"RestartCount","Shiplog","State"',
  },
  {
    reason: 'gone from [M]',
    rows: /keys of inspect HostConfig/,
    dockerd: /"KernelMemory","KernelMemoryTCP",/,
    shiplog: '',
  },
  {
    reason: '[M] fills in the policy no',
    rows: /values of inspect HostConfig/,
    dockerd: /"RestartPolicy":\{"Name":""/,
    shiplog: '"RestartPolicy":{"Name":"no"',
  },
  {
    reason: KIND,
    rows: /create with nothing/,
    dockerd: /^500 EOF/,
    shiplog: '400 invalid JSON: the request body is empty',
  },
  {
    reason: KIND,
    rows: /create with broken JSON/,
    dockerd: /^500 unexpected EOF/,
    shiplog:
      "400 invalid JSON: Expected property name or '}' in JSON at position 1 (line 1 column 2)",
  },
  {
    reason: CHECKED,
    rows: /create with trailing text/,
    dockerd: /^201/,
    shiplog: '400 unexpected content after JSON',
  },
  {
    reason: KIND,
    rows: /create with a wrong type/,
    dockerd: /^500 json.*/,
    shiplog: '400 invalid JSON: field Image must be string',
  },
  {
    reason: 'a root without an image is of use to nobody but dockerd itself',
    rows: /create with no image/,
    dockerd: /^201/,
    shiplog: '400 no image specified',
  },
  {
    reason: TEXT,
    dockerd: /invalid restart policy 'bogus'/,
    shiplog:
      "invalid restart policy: unknown policy 'bogus'; " +
      "use one of 'no', 'always', 'on-failure', or 'unless-stopped'",
  },
  {
    reason: TEXT,
    dockerd: /maximum retry count cannot be used with restart policy 'no'/,
    shiplog: "invalid restart policy: maximum retry count can only be used with 'on-failure'",
  },
  {
    reason: TEXT,
    dockerd: /maximum retry count cannot be negative/,
    shiplog: 'invalid restart policy: maximum retry count cannot be negative',
  },
  {
    reason: TEXT,
    dockerd: /Unknown runtime specified bogus/,
    shiplog: 'unknown or invalid runtime name: bogus',
  },
  {
    reason: CHECKED,
    rows: /bad IPC mode/,
    dockerd: /^201/,
    shiplog: '400 invalid IPC mode: bogus',
  },
  {
    reason: CHECKED,
    rows: /bad PID mode/,
    dockerd: /^201/,
    shiplog: '400 invalid PID mode: bogus',
  },
  {
    reason: CHECKED,
    rows: /bad UTS mode/,
    dockerd: /^201/,
    shiplog: '400 invalid UTS mode: bogus',
  },
  {
    reason: '[M] adds what the probe has written until then',
    rows: /late with its check/,
    dockerd: /exceeded timeout \(1\.2s\)/,
    shiplog: 'exceeded timeout (1.2s): begun\\n',
  },
  ...SURFACE_DIFFERENCES,
];
