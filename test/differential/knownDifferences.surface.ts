/** Known differences in the rows of rows.surface.ts. See knownDifferences.ts. */
import type { KnownDifference } from './knownDifferences.ts';

const NEWER = 'shiplog speaks newer versions, and none below 1.24';
const KIND = '[M20] loses the kind of a parse error and gives 500 with the decoder text; [M] 400';

export const SURFACE_DIFFERENCES: readonly KnownDifference[] = [
  { reason: NEWER, rows: /v9\.9/, dockerd: /1\.41/, shiplog: '1.55' },
  { reason: NEWER, rows: /v1\.10/, dockerd: /1\.12/, shiplog: '1.24' },
  {
    reason: '[M] says it in other words',
    rows: /update/,
    dockerd: /invalid restart policy 'x'/,
    shiplog:
      "invalid restart policy: unknown policy 'x'; " +
      "use one of 'no', 'always', 'on-failure', or 'unless-stopped'",
  },
  {
    reason: KIND,
    rows: /update/,
    dockerd: /^500 unexpected EOF/,
    shiplog:
      "400 invalid JSON: Expected property name or '}' in JSON at position 1 (line 1 column 2)",
  },
  {
    reason: KIND,
    rows: /networks\/create/,
    dockerd: /^500 invalid name:/,
    shiplog: '400 invalid name: name is empty',
  },
  { reason: KIND, dockerd: /^500 failed to parse/, shiplog: '400 failed to parse' },
  { reason: KIND, dockerd: /^500 more than one until/, shiplog: '400 more than one until' },
  {
    reason: 'containerd counts directories, too; dockerd leaves a zero out',
    rows: /size=1/,
    dockerd: /"SizeRootFs"/,
    shiplog: '"SizeRootFs","SizeRw"',
  },
  {
    reason: 'one is gone from [M]; the daemon under test is given address pools',
    rows: /info, its keys/,
    dockerd: /"DefaultRuntime"(.*)"KernelMemory",/,
    shiplog: '"DefaultAddressPools","DefaultRuntime"$1',
  },
  {
    reason: 'it takes an archive without anything for an empty one',
    rows: /images\/load/,
    dockerd: /^200/,
    shiplog: '400 invalid archive: unexpected EOF',
  },
  {
    reason: '[M] says it in other words',
    dockerd: /Content-Type specified \(text\/plain\)/,
    shiplog: 'unsupported Content-Type header (text/plain):',
  },
  {
    reason: KIND,
    rows: /text for a number/,
    dockerd: /^500 json: .*/,
    shiplog: '400 invalid JSON: field HostConfig.Memory must be integer',
  },
  {
    reason: 'it looks at the parameters of logs before it looks for the swarm',
    rows: /nobody\/logs/,
    dockerd: /^500 Bad parameters: .*/,
    shiplog:
      '503 This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" ' +
      'to connect this node to swarm and try again.',
  },
];
