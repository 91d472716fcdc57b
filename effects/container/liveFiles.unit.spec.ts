/** What a running container's /etc says after a connect, a disconnect, a restart of a link. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UNBORN } from '../../machines/container.context.ts';
import { renewedHosts, renewedResolvConf } from './liveFiles.ts';
import { hostsFile, NO_NAMES, resolvConfFile } from './networkFiles.ts';

const container = {
  ...UNBORN,
  id: 'ab'.repeat(32),
  hostConfig: { ...UNBORN.hostConfig, Links: ['/web:/box/site'], ExtraHosts: ['up:10.0.0.9'] },
};
const OWN = 'abababababab';
const named = (...entries: readonly (readonly [string, string])[]) => ({ ...NO_NAMES, entries });

test('its own addresses and those of links are made anew, in place of the old ones', () => {
  const old = named(['10.1.0.2', OWN], ['10.1.0.3', 'site 123 web']);
  const now = named(['10.1.0.2', OWN], ['10.2.0.2', OWN], ['10.1.0.7', 'site 123 web']);
  const host = { hosts: '', resolvConf: '' };
  const before = hostsFile(container.hostConfig, host, old);
  const after = hostsFile(container.hostConfig, host, now);
  assert.equal(renewedHosts(before, container, now), after);
  assert.equal(renewedHosts(after, container, now), after);
});

test('what the container wrote itself stays', () => {
  const text = `10.1.0.2\t${OWN}\n10.9.9.9 mine\n# note\n`;
  const now = renewedHosts(text, container, named(['10.3.0.2', OWN]));
  assert.equal(now, `10.9.9.9 mine\n# note\n10.3.0.2\t${OWN}\n`);
});

test('with its first network of names 127.0.0.11 is asked, unless it wrote the file itself', () => {
  const host = { hosts: '', resolvConf: 'nameserver 9.9.9.9\nsearch lan\n' };
  const plain = resolvConfFile(container.hostConfig, host);
  const resolving = { ...NO_NAMES, resolves: true };
  const now = renewedResolvConf(plain, container.hostConfig, host, resolving);
  assert.match(now, /^nameserver 127\.0\.0\.11\nsearch lan\n/);
  assert.equal(renewedResolvConf(now, container.hostConfig, host, NO_NAMES), now);
  const own = 'nameserver 1.2.3.4\n';
  assert.equal(renewedResolvConf(own, container.hostConfig, host, resolving), own);
});
