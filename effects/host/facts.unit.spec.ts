import assert from 'node:assert/strict';
import { it } from 'node:test';
import { hostFacts, osRelease, runtimeVersion, textOf } from './facts.ts';

it('reads os-release with and without quotes', () => {
  const text = 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_ID="12"\nID=debian\n# x=1\n';
  assert.deepEqual(osRelease(text), {
    PRETTY_NAME: 'Debian GNU/Linux 12 (bookworm)',
    VERSION_ID: '12',
    ID: 'debian',
  });
});

it('says nothing of what it can not read', async () => {
  assert.equal(textOf('/nonexistent'), '');
  assert.deepEqual(await runtimeVersion('/nonexistent'), { version: '', commit: '' });
});

it('knows this host', () => {
  const host = hostFacts();
  assert.ok(host.cpus > 0 && host.memory > 0 && host.capabilities > 0n);
  assert.ok(host.kernelVersion.length > 0);
});
