/** Networks as docker's command shows and uses them, on the real host. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { finish, startLoadedDaemon, success } from '../support/loadedDaemon.ts';
import type { TemporaryDaemon } from '../support/temporaryDaemon.ts';

let daemon: TemporaryDaemon;
before(async () => {
  daemon = await startLoadedDaemon();
});
after(() => finish(daemon));

const docker = async (...args: readonly string[]): Promise<string> =>
  success(await daemon.docker(...args)).trim();
const fails = async (text: RegExp, ...args: readonly string[]): Promise<void> => {
  const { code, stderr } = await daemon.docker(...args);
  assert.notEqual(code, 0, args.join(' '));
  assert.match(stderr, text);
};

test('the default bridge gives an address and a gateway that answers', async () => {
  const shell =
    'ip -4 addr show eth0; ip route; ping -c 1 -W 5 $(ip route | cut -d" " -f3 | head -1)';
  const shown = await docker('run', '--rm', 'busybox', 'sh', '-c', shell);
  const subnet = await docker(
    'network',
    'inspect',
    '-f',
    '{{(index .IPAM.Config 0).Subnet}}',
    'bridge',
  );
  const begin = subnet.replace(/\.\d+\/\d+$/, '');
  assert.match(shown, new RegExp(`inet ${begin.replaceAll('.', '\\.')}\\.2/24`));
  assert.match(shown, /default via/);
  assert.match(shown, / 0% packet loss/);
});

test('networks are made, listed, inspected, used by name, and removed', async () => {
  const id = await docker('network', 'create', '--label', 'tier=web', 'front');
  assert.match(id, /^[0-9a-f]{64}$/);
  assert.match(await docker('network', 'ls'), /front\s+bridge\s+local/);
  await fails(/network with name front already exists/, 'network', 'create', 'front');
  await docker('run', '-d', '--name', 'web', '--network', 'front', 'busybox', 'sleep', '600');
  assert.match(await docker('exec', 'web', 'sh', '-c', 'nslookup web'), /Name:\s+web/);
  const members = await docker(
    'network',
    'inspect',
    '-f',
    '{{range .Containers}}{{.Name}}{{end}}',
    id.slice(0, 12),
  );
  assert.equal(members, 'web');
  await fails(/has active endpoints/, 'network', 'rm', 'front');
  await docker('rm', '-f', 'web');
  assert.equal(await docker('network', 'rm', 'front'), 'front');
  await fails(/not found/, 'network', 'inspect', 'front');
});

test('a published port is reached, shown, held, and free again', async () => {
  const serve = 'while true; do echo hello | nc -l -p 80; done';
  const port = ['-p', '127.0.0.1::80'];
  await docker('run', '-d', '--name', 'served', ...port, 'busybox', 'sh', '-c', serve);
  const [, hostPort = ''] = (await docker('port', 'served', '80')).split(':');
  assert.match(hostPort, /^\d+$/);
  assert.match(
    await docker('ps', '--filter', 'name=served'),
    new RegExp(`127.0.0.1:${hostPort}->80/tcp`),
  );
  const taken = ['-p', `127.0.0.1:${hostPort}:80`];
  await fails(/port is already allocated/, 'run', '--name', 'late', ...taken, 'busybox', 'true');
  await docker('rm', '-f', 'served');
  await docker('start', '-a', 'late');
  await docker('rm', 'late');
});

test('a running container is connected at the address it asks for, and out again', async () => {
  const subnet = await docker(
    'network',
    'inspect',
    '-f',
    '{{(index .IPAM.Config 0).Subnet}}',
    'bridge',
  );
  const [first, second, third] = subnet.split('.').map(Number);
  const own = `${first}.${second}.${(third ?? 0) + 15}`;
  await docker('network', 'create', '--subnet', `${own}.0/24`, 'side');
  await fails(/overlaps/, 'network', 'create', '--subnet', `${own}.128/25`, 'other');
  await docker('run', '-d', '--name', 'moving', 'busybox', 'sleep', '600');
  await docker('network', 'connect', '--ip', `${own}.77`, '--alias', 'mover', 'side', 'moving');
  assert.match(
    await docker('exec', 'moving', 'sh', '-c', 'ip addr show eth1'),
    new RegExp(`${own}\\.77/24`),
  );
  const beside = ['run', '--rm', '--network', 'side', 'busybox', 'sh', '-c'];
  assert.match(await docker(...beside, `ping -c 1 -W 5 ${own}.77`), / 0% packet loss/);
  await fails(/already exists in network side/, 'network', 'connect', 'side', 'moving');
  await docker('network', 'disconnect', 'side', 'moving');
  await fails(
    /can't find|not found|does not exist/i,
    'exec',
    'moving',
    'ip',
    'addr',
    'show',
    'eth1',
  );
  await docker('rm', '-f', 'moving');
  assert.match(await docker('network', 'prune', '-f'), /side/);
});

test('a network that is not there is told at the start; the container stays', async () => {
  await fails(
    /network nowhere not found/,
    'run',
    '--name',
    'lost',
    '--network',
    'nowhere',
    'busybox',
  );
  assert.equal(await docker('inspect', '-f', '{{.State.Status}}', 'lost'), 'created');
  await docker('rm', 'lost');
});

test('link-local addresses are on the link at once, and come back with it', async () => {
  await docker('network', 'create', 'local');
  const asked = ['--network', 'local', '--link-local-ip', '169.254.77.5'];
  await docker('run', '-d', '--name', 'linked', ...asked, 'busybox', 'sleep', '600');
  await docker('network', 'create', 'beside');
  await docker('network', 'connect', '--link-local-ip', '169.254.77.6', 'beside', 'linked');
  const shown = '{{json .NetworkSettings.Networks.beside.IPAMConfig}}';
  assert.equal(await docker('inspect', '-f', shown, 'linked'), '{"LinkLocalIPs":["169.254.77.6"]}');
  const found = () => docker('exec', 'linked', 'sh', '-c', 'ip addr show | grep -o "169.*"');
  const both = ['169.254.77.5/16 brd 169.254.255.255 scope global eth0'];
  both.push('169.254.77.6/16 brd 169.254.255.255 scope global eth1');
  assert.equal(await found(), both.join('\n'));
  const peer = await docker('exec', 'linked', 'cat', '/sys/class/net/eth1/iflink');
  await daemon.kill9();
  const links = execFileSync('ip', ['-o', 'link'], { encoding: 'utf8' });
  const [, name = ''] = new RegExp(`^${peer}: ([^@:]+)`, 'm').exec(links) ?? [];
  execFileSync('ip', ['link', 'del', name]);
  await daemon.restart();
  assert.equal(await found(), both.join('\n'));
  await fails(
    /invalid link local IP address: 192\.0\.2\.7/,
    ...['run', '--rm', '--network', 'local', '--link-local-ip', '192.0.2.7', 'busybox', 'true'],
  );
  await docker('rm', '-f', 'linked');
  await docker('network', 'rm', 'local', 'beside');
});

test('IPv6 is off on links of networks that have none, and nowhere else', async () => {
  await docker('network', 'create', '--ipv6', '--subnet', 'fd5a:5ec::/64', 'six');
  await docker('run', '-d', '--name', 'both', 'busybox', 'sleep', '600');
  await docker('network', 'connect', 'six', 'both');
  const look = 'cd /proc/sys/net/ipv6/conf; grep . */disable_ipv6; ip -6 addr show';
  const seen = await docker('exec', 'both', 'sh', '-c', look);
  assert.deepEqual(seen.match(/\w+\/disable_ipv6:\d/g), [
    'all/disable_ipv6:0',
    'default/disable_ipv6:0',
    'eth0/disable_ipv6:1',
    'eth1/disable_ipv6:0',
    'lo/disable_ipv6:0',
  ]);
  assert.deepEqual(seen.match(/inet6 (::1\/128|fd5a:5ec::2\/64)/g)?.length, 2);
  assert.doesNotMatch(seen, /: eth0/);
  await docker('rm', '-f', 'both');
  await docker('network', 'rm', 'six');
});

test('addresses stay with running containers over a restart of the daemon', async () => {
  await docker('run', '-d', '--name', 'kept', '-p', '127.0.0.1::80', 'busybox', 'sleep', '600');
  const address = '{{.NetworkSettings.Networks.bridge.IPAddress}} {{.NetworkSettings.SandboxKey}}';
  const before = await docker('inspect', '-f', address, 'kept');
  const port = await docker('port', 'kept');
  await daemon.kill9();
  await daemon.restart();
  assert.equal(await docker('inspect', '-f', address, 'kept'), before);
  assert.equal(await docker('port', 'kept'), port);
  const [own = ''] = before.split(' ');
  const other = await docker(
    'run',
    '--rm',
    'busybox',
    'sh',
    '-c',
    `ping -c 1 -W 5 ${own}; ip addr`,
  );
  assert.match(other, / 0% packet loss/);
  assert.doesNotMatch(other, new RegExp(`inet ${own}/`));
});
