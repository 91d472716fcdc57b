/** Who reaches what: other hosts, containers of a network without communication, both families. */
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { after, before, suite, test } from 'node:test';
import { within } from '../support/leftovers.ts';
import { finish, startLoadedDaemon, success } from '../support/loadedDaemon.ts';
import { type OutsideHost, outsideHost } from '../support/outsideHost.ts';
import type { TemporaryDaemon } from '../support/temporaryDaemon.ts';
import { fetchText, inNetworkOf } from '../support/webClient.ts';

const SERVE = 'mkdir /www; hostname >/www/index.html; exec busybox httpd -f -p 80 -h /www';

/** Seconds, of what is not to be answered. */
const SHORT = 2;

suite('who reaches what', { timeout: 240_000 }, () => {
  let daemon: TemporaryDaemon;
  let outside: OutsideHost;

  before(async () => {
    outside = outsideHost();
    daemon = await startLoadedDaemon();
  });
  after(async () => {
    outside.leave();
    await finish(daemon);
  });

  const docker = async (...args: readonly string[]): Promise<string> =>
    success(await daemon.docker(...args)).trim();
  const serve = (name: string, ...flags: readonly string[]): Promise<string> =>
    docker('run', '-d', '--name', name, '-h', name, ...flags, 'busybox', 'sh', '-c', SERVE);
  /** As inspect has it: `IPAddress`. */
  const placeOf = (name: string, field: string): Promise<string> =>
    docker('inspect', '-f', `{{range .NetworkSettings.Networks}}{{.${field}}}{{end}}`, name);
  const portOf = async (name: string): Promise<number> =>
    Number(/:(\d+)$/m.exec(await docker('port', name, '80'))?.[1]);
  const from = async (name: string): Promise<readonly string[]> =>
    inNetworkOf(await docker('inspect', '-f', '{{.State.Pid}}', name));

  test('another host reaches what is published to it, and nothing else', async () => {
    await serve('open', '-p', '80');
    await serve('own', '-p', '127.0.0.1::80');
    const address = await placeOf('own', 'IPAddress');
    assert.ok(await within(10_000, async () => (await fetchText(address, 80)) === 'own'));
    const port = await portOf('own');
    assert.equal(await fetchText('127.0.0.1', port), 'own');
    const there = outside.within;
    const published = await portOf('open');
    const reached = async () => (await fetchText(outside.address, published, there)) === 'open';
    assert.ok(await within(10_000, reached), 'what is published');
    const [byHost, byAddress] = await Promise.all([
      fetchText(outside.address, port, there, SHORT),
      fetchText(address, 80, there, SHORT),
    ]);
    assert.equal(byHost, '', "a port of the host's loopback");
    assert.equal(byAddress, '', 'an address of a container');
  });

  test('without communication containers of a network do not reach each other', async () => {
    const off = 'com.docker.network.bridge.enable_icc=false';
    await docker('network', 'create', '-o', off, 'quiet');
    await serve('one', '--network', 'quiet');
    await serve('two', '--network', 'quiet');
    const address = await placeOf('two', 'IPAddress');
    assert.ok(await within(10_000, async () => (await fetchText(address, 80)) === 'two'));
    assert.equal(await fetchText(address, 80, await from('one'), SHORT), '');
  });

  test('in a network of both families each has addresses, names and ports of both', async () => {
    // A group that began with zeros would be shown without them.
    const [first, second] = [0, 0].map(() => randomInt(0x1000, 0x10000).toString(16));
    const subnet = `fd5e:${first}:${second}::/64`;
    await docker('network', 'create', '--ipv6', '--subnet', subnet, 'both');
    await serve('web', '--network', 'both', '-p', '[::1]::80');
    await docker('run', '-d', '--name', 'peer', '--network', 'both', 'busybox', 'sleep', '1000');
    const address = await placeOf('web', 'GlobalIPv6Address');
    assert.ok(address.startsWith(subnet.slice(0, -4)), `${address} of ${subnet}`);
    const names = await docker('exec', 'peer', 'busybox', 'nslookup', '-type=aaaa', 'web');
    assert.ok(names.includes(`Address: ${address}`), names);
    const peer = await from('peer');
    assert.ok(await within(10_000, async () => (await fetchText(address, 80, peer)) === 'web'));
    assert.equal(await fetchText(await placeOf('web', 'IPAddress'), 80, peer), 'web');
    assert.equal(await fetchText('::1', await portOf('web')), 'web');
  });
});
