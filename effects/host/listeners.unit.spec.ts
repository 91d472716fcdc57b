/** Who listens on which port, as the kernel tells it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boundPorts } from './listeners.ts';

test('ports of listeners, and of UDP sockets that anybody may write to', () => {
  const table = `  sl  local_address rem_address   st tx_queue rx_queue
   0: 0100007F:9C40 00000000:0000 0A 00000000:00000000
   1: 0100007F:9C41 0100007F:01BB 01 00000000:00000000
 123: 00000000:88B8 00000000:0000 07 00000000:00000000
   2: 00000000000000000000000001000000:A000 00000000000000000000000000000000:0000 0A 0:0
`;
  assert.deepEqual(boundPorts(table), [40_000, 35_000, 40_960]);
  assert.deepEqual(boundPorts(''), []);
});
