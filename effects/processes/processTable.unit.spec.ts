/** What `ps` prints, cut down to a container's processes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseTable, processTable } from './processTable.ts';

const OUTPUT = `UID   PID  PPID CMD
root    1     0 /sbin/init  splash
root   12     1 sh -c  sleep 5
www    13    12 sleep 5
`;

test('only the container’s processes are kept, their last column whole', () => {
  assert.deepEqual(parseTable(OUTPUT, new Set([12, 13])), {
    titles: ['UID', 'PID', 'PPID', 'CMD'],
    processes: [
      ['root', '12', '1', 'sh -c sleep 5'],
      ['www', '13', '12', 'sleep 5'],
    ],
  });
});

test('threads follow their process', () => {
  const table = parseTable('PID LWP\n12 -\n- 12\n- 14\n20 -\n- 20\n', new Set([12]));
  assert.deepEqual(
    table.processes.map((fields) => fields.join(' ')),
    ['12 -', '- 12', '- 14'],
  );
});

test('an output without pids is refused, and so is another column named PID', async () => {
  assert.throws(() => parseTable('CMD\nsh\n', new Set([1])), /Couldn't find PID field/);
  await assert.rejects(processTable([1], '-o ppid=PID'), /specifying "ppid=PID" is not allowed/);
});

test('ps is asked, and what it complains about is told in a line', async () => {
  const { titles, processes } = await processTable([process.pid], '-o pid,comm');
  assert.deepEqual(titles, ['PID', 'COMMAND']);
  assert.deepEqual(
    processes.map(([pid]) => pid),
    [String(process.pid)],
  );
  await assert.rejects(processTable([1], '--no-such-option'), /ps: [^\n]+$/);
});
