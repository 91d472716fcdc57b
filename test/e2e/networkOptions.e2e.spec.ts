/** What the daemon's options say of networks, seen in containers and in the host. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { within } from '../support/leftovers.ts';
import { finish, startLoadedDaemon, success } from '../support/loadedDaemon.ts';
import { startTemporaryDaemon, type TemporaryDaemon } from '../support/temporaryDaemon.ts';

const FLAGS = [
  ...['--dns', '203.0.113.9', '--dns-search', 'corp.test', '--dns-opt', 'timeout:1'],
  ...['--userland-proxy=false', '--ip6tables=false', '--ipv6', '--bip6', 'fd5a:77::1/64'],
];

const TEXT = { encoding: 'utf8' } as const;

let daemon: TemporaryDaemon;
before(async () => {
  daemon = await startLoadedDaemon({ flags: FLAGS });
});
after(() => finish(daemon));
const docker = async (...args: readonly string[]) => success(await daemon.docker(...args));

test('containers that say nothing of names have those of the daemon', async () => {
  const file = ['busybox', 'cat', '/etc/resolv.conf'];
  const plain = await docker('run', '--rm', ...file);
  assert.equal(plain, 'nameserver 203.0.113.9\nsearch corp.test\noptions timeout:1');
  const own = await docker('run', '--rm', '--dns', '203.0.113.10', ...file);
  assert.equal(own, 'nameserver 203.0.113.10\nsearch corp.test\noptions timeout:1');
});

test('without a proxy ports are reached by rules alone, and held all the same', async () => {
  const act = 'mkdir /www; echo web >/www/index.html; exec busybox httpd -f -p 80 -h /www';
  await docker('run', '-d', '--name', 'web', '-p', '80', 'busybox', 'sh', '-c', act);
  const port = Number(/0\.0\.0\.0:(\d+)/.exec(await docker('port', 'web', '80'))?.[1]);
  assert.ok(await within(10_000, () => answers('127.0.0.1', port)), 'by 127.0.0.1');
  assert.equal(await answers('::1', port), false, 'by ::1');
  const taken = ['run', '--rm', '-p', `${port}:80`, 'busybox', 'true'];
  assert.match((await daemon.docker(...taken)).stderr, /port is already allocated/);
});

test('info tells which networks and rules there are', async () => {
  const info = JSON.parse(await docker('info', '--format', '{{json .}}'));
  assert.deepEqual(info.Plugins.Network, ['bridge', 'host', 'null']);
  assert.deepEqual(info.Plugins.Volume, ['local']);
  assert.equal(info.DefaultAddressPools.length, 1);
  assert.equal(readFileSync('/proc/sys/net/ipv4/ip_forward', 'utf8').trim(), '1');
});

/** Whether a web server answers there. */
function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    let said = '';
    socket.setTimeout(3_000, () => socket.destroy());
    socket.on('data', (bytes) => {
      said += String(bytes);
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => resolve(said.includes('web')));
    socket.write('GET / HTTP/1.0\r\n\r\n');
  });
}

test('what a later start would make otherwise of the default bridge is told', async () => {
  const told = /"differs":\["com.docker.network.driver.mtu=1400"\].*the default bridge stays as it/;
  assert.doesNotMatch(daemon.output(), /the default bridge stays/);
  writeFileSync(join(daemon.dir, 'daemon.json'), '{"mtu":1400}');
  await daemon.restart();
  assert.match(daemon.output(), told);
  const name = '{{index .Options "com.docker.network.driver.mtu"}}';
  assert.equal(await docker('network', 'inspect', '-f', name, 'bridge'), '1500');
});

test("a bridge of the administrator's must be there, and gives its subnet", async () => {
  const bridge = `adm${process.pid}`;
  const flags = ['--bridge', bridge];
  await assert.rejects(startTemporaryDaemon({ flags }), /must be created manually/);
  const ip = (...args: readonly string[]) => execFileSync('ip', args);
  ip('link', 'add', bridge, 'type', 'bridge');
  try {
    ip('addr', 'add', '198.19.200.9/28', 'dev', bridge);
    const own = await startTemporaryDaemon({ flags });
    try {
      const pool = '{{json .IPAM.Config}}';
      const [told] = JSON.parse(
        success(await own.docker('network', 'inspect', '-f', pool, 'bridge')),
      );
      assert.deepEqual(told, { Subnet: '198.19.200.0/28', Gateway: '198.19.200.9' });
    } finally {
      await own.stop();
    }
    const addresses = execFileSync('ip', ['-o', '-4', 'addr', 'show', 'dev', bridge], TEXT);
    assert.deepEqual(addresses.match(/inet \S+/g), ['inet 198.19.200.9/28']);
  } finally {
    ip('link', 'del', bridge);
  }
});
