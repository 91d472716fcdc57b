/** What `ip monitor` tells of links. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lostIn } from './linkWatch.ts';

test('links that are gone or down are of interest, and no others', () => {
  const rest = 'mtu 1500 qdisc noqueue state UP group default \\    link/ether 02:42:0a:00:00:01';
  assert.equal(lostIn(`Deleted 7: sl1a2b3bxyz: <BROADCAST,MULTICAST,UP> ${rest}`), 'sl1a2b3bxyz');
  assert.equal(lostIn(`9: sl1a2b3vabc@if8: <BROADCAST,MULTICAST> ${rest}`), 'sl1a2b3vabc');
  assert.equal(lostIn(`9: sl1a2b3vabc@if8: <BROADCAST,UP,LOWER_UP> ${rest}`), undefined);
  assert.equal(lostIn('    altname enp0s3'), undefined);
});
