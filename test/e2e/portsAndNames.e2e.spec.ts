/** Published ports and names of containers, as clients and containers see them. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { networkInterfaces } from 'node:os';
import { after, before, suite, test } from 'node:test';
import { promisify } from 'node:util';
import { within } from '../support/leftovers.ts';
import { finish, startLoadedDaemon, success } from '../support/loadedDaemon.ts';
import type { TemporaryDaemon } from '../support/temporaryDaemon.ts';
import { fetchText as fetch, inNetworkOf } from '../support/webClient.ts';

const execute = promisify(execFile);

suite('published ports and names of containers', { timeout: 240_000 }, () => {
  let daemon: TemporaryDaemon;
  /** One that nobody listens on now. */
  let port = 0;

  before(async () => {
    daemon = await startLoadedDaemon();
    port = await freePort();
  });
  after(() => finish(daemon));

  const docker = async (...args: string[]): Promise<string> =>
    success(await daemon.docker(...args));
  /** A container with a web server that answers its own name. */
  const serve = (name: string, ...flags: string[]): Promise<string> => {
    const act = `mkdir /www; echo ${name} >/www/index.html; exec busybox httpd -f -p 80 -h /www`;
    return docker('run', '-d', '--name', name, ...flags, 'busybox', 'sh', '-c', act);
  };
  const inspect = (format: string, name: string): Promise<string> =>
    docker('inspect', '-f', format, name);
  /** Where a name leads, in a container; empty: nowhere. */
  const lookUp = async (container: string, name: string): Promise<string> => {
    const { stdout } = await daemon.docker('exec', container, 'busybox', 'nslookup', name);
    const [, ...found] = stdout.matchAll(/^Address(?: \d+)?:\s+([\d.]+(?::\d+)?)/gm);
    return found.map(([, address]) => address).join(' ');
  };
  const address = async (name: string, link = 'eth0'): Promise<string> => {
    const said = await docker('exec', name, 'ip', '-4', 'addr', 'show', link);
    return /inet ([\d.]+)/.exec(said)?.[1] ?? '';
  };
  const gatewayOf = async (name: string): Promise<string> =>
    /default via ([\d.]+)/.exec(await docker('exec', name, 'ip', 'route'))?.[1] ?? '';
  const fetchFrom = async (container: string, host: string, at: number): Promise<string> =>
    fetch(host, at, inNetworkOf(await inspect('{{.State.Pid}}', container)));

  test('a published port is reached from the host, its addresses, and containers', async () => {
    await serve('web', '-p', `${port}:80`);
    await docker('run', '-d', '--name', 'other', 'busybox', 'sleep', '1000');
    const gateway = await gatewayOf('web');
    const own = await address('web');
    assert.ok(await within(10_000, async () => (await fetch(own, 80)) === 'web'), 'it serves');
    for (const host of ['127.0.0.1', '::1', gateway, ...hostAddresses()]) {
      assert.equal(await fetch(host, port), 'web', host);
    }
    for (const host of [gateway, ...hostAddresses()]) {
      assert.equal(await fetchFrom('other', host, port), 'web', `from another: ${host}`);
    }
    assert.equal(await fetchFrom('web', gateway, port), 'web', 'from itself');
  });

  test('a network of IPv6 alone: names, ports, the host and a daemon that was killed', async () => {
    const at = String(await freePort());
    await docker('network', 'create', '--ipv4=false', '--ipv6', 'six');
    await serve('six-web', '--network', 'six', '-p', `${at}:80`);
    await docker(
      'run',
      '-d',
      '--name',
      'six-other',
      '--network',
      'six',
      'busybox',
      'sleep',
      '1000',
    );
    assert.equal(await docker('network', 'inspect', '-f', '{{.EnableIPv4}}', 'six'), 'false');
    assert.equal(await address('six-web'), '');
    const place = '{{range .NetworkSettings.Networks}}{{.IPAddress}} {{.GlobalIPv6Address}}{{end}}';
    const own = (await inspect(place, 'six-web')).trim();
    assert.match(own, /^fd/);
    const { stdout } = await daemon.docker('exec', 'six-other', 'busybox', 'nslookup', 'six-web');
    assert.match(stdout, RegExp(own));
    assert.ok(
      await within(10_000, async () => (await fetchFrom('six-other', own, 80)) === 'six-web'),
    );
    assert.equal(await docker('port', 'six-web'), `80/tcp -> [::]:${at}`);
    for (const kill of [false, true]) {
      if (kill) await daemon.kill9();
      if (kill) await daemon.restart();
      assert.equal(await fetch('::1', Number(at)), 'six-web');
      assert.equal(await fetch('127.0.0.1', Number(at)), '');
    }
    await docker('rm', '-f', 'six-web', 'six-other');
    await docker('network', 'rm', 'six');
  });

  test('a port that another program listens on fails the start and changes nothing', async () => {
    const taken = await freePort();
    await listening(taken, async () => {
      const { code, stderr } = await daemon.docker(
        ...['run', '--name', 'late', '-p', `${taken}:80`, 'busybox', 'true'],
      );
      assert.equal(code, 125);
      assert.match(stderr, /driver failed programming external connectivity on endpoint late/);
      assert.match(stderr, /address already in use/);
    });
    await docker('start', '-a', 'late');
    await docker('rm', 'late');
    await listening(taken, async () => undefined);
  });

  test('while it is published no other program can listen there, and then again', async () => {
    await assert.rejects(
      listening(port, async () => undefined),
      { code: 'EADDRINUSE' },
    );
    await docker('stop', '-t', '0', 'web');
    assert.ok(await isFree(port), 'it is free when the stop returns');
    await docker('start', 'web');
    await assert.rejects(
      listening(port, async () => undefined),
      { code: 'EADDRINUSE' },
    );
  });

  test('a killed daemon: connections go on, the next one holds the port again', async () => {
    assert.ok(await within(10_000, async () => (await fetch('127.0.0.1', port)) === 'web'));
    await daemon.kill9();
    assert.equal(await fetch('127.0.0.1', port), 'web');
    await daemon.restart();
    assert.equal(await fetch('127.0.0.1', port), 'web');
    assert.equal(await fetch('::1', port), 'web');
    await assert.rejects(
      listening(port, async () => undefined),
      { code: 'EADDRINUSE' },
    );
  });

  test('names are known on a user-defined network, at once and exactly as long', async () => {
    await docker('network', 'create', 'front');
    await docker('network', 'create', 'back');
    await serve('one', '--network', 'front', '--network-alias', 'app');
    const id = await docker(
      ...['run', '-d', '--name', 'two', '--network', 'front', '--network-alias', 'app'],
      ...['busybox', 'sleep', '1000'],
    );
    await docker('run', '-d', '--name', 'far', '--network', 'back', 'busybox', 'sleep', '1000');
    const one = await address('one');
    const two = await address('two');
    assert.equal(await lookUp('two', 'one'), one);
    assert.equal(await lookUp('two', 'one.front'), one);
    assert.equal(await lookUp('one', id.slice(0, 12)), two);
    assert.deepEqual((await lookUp('two', 'app')).split(' ').toSorted(), [one, two].toSorted());
    assert.equal(await lookUp('far', 'one'), '');
    const files = await docker('exec', 'two', 'cat', '/etc/resolv.conf', '/etc/hosts');
    assert.match(files, /^nameserver 127\.0\.0\.11$/m);
    assert.match(files, /^options .*ndots:0$/m);
    assert.match(files, new RegExp(`^${two}\\t${id.slice(0, 12)}$`, 'm'));

    await docker('network', 'connect', '--alias', 'remote', 'front', 'far');
    assert.equal(await lookUp('far', 'one'), one);
    assert.equal(await lookUp('one', 'remote'), await address('far', 'eth1'));
    await docker('rename', 'one', 'first');
    assert.equal(await lookUp('two', 'first'), one);
    assert.equal(await lookUp('two', 'one'), '');
    await docker('network', 'disconnect', 'front', 'far');
    assert.equal(await lookUp('two', 'remote'), '');
  });

  test('names are answered again when a new daemon is ready', async () => {
    const one = await address('first');
    await daemon.kill9();
    await daemon.restart();
    assert.equal(await lookUp('two', 'first'), one);
    await docker('restart', '-t', '0', 'first');
    assert.equal(await lookUp('two', 'first'), await address('first'));
  });

  test('a link on the default bridge and the host as a gateway are in /etc/hosts', async () => {
    const own = await address('web');
    const gateway = await gatewayOf('web');
    const hosts = await docker(
      ...['run', '--rm', '--link', 'web:site', '--add-host', 'up:host-gateway'],
      ...['busybox', 'cat', '/etc/hosts'],
    );
    assert.match(hosts, new RegExp(`^${own}\\tsite .*web$`, 'm'));
    assert.match(hosts, new RegExp(`^${gateway}\\tup$`, 'm'));
  });

  test('a link follows its container to another address', async () => {
    const before = await address('web');
    await docker('run', '-d', '--name', 'linked', '--link', 'web:site', 'busybox', 'sleep', '1000');
    await docker('stop', '-t', '0', 'web');
    await docker('run', '-d', '--name', 'squatter', 'busybox', 'sleep', '1000');
    assert.equal(await address('squatter'), before);
    await docker('start', 'web');
    const line = new RegExp(`^${await address('web')}\\tsite .*web$`, 'm');
    const hosts = () => docker('exec', 'linked', 'cat', '/etc/hosts');
    assert.ok(await within(10_000, async () => line.test(await hosts())), await hosts());
    assert.doesNotMatch(await hosts(), new RegExp(`^${before}\\tsite`, 'm'));
    await docker('rm', '-f', 'linked', 'squatter');
  });

  test('rules that somebody took away are made again without being asked for', async () => {
    const prefix = await prefixOf(await gatewayOf('web'));
    await execute('nft', ['flush', 'chain', 'inet', prefix, 'publish']);
    assert.ok(
      await within(10_000, async () => (await fetch(hostAddresses()[0] ?? '', port)) === 'web'),
    );
    await execute('nft', ['delete', 'table', 'inet', prefix]);
    assert.ok(
      await within(10_000, async () => {
        const { stdout } = await execute('nft', ['list', 'tables']);
        return stdout.includes(prefix);
      }),
    );
    assert.ok(await within(10_000, () => daemon.output().includes('rules were repaired')));
    assert.equal(await fetchFrom('other', '127.0.0.1', port), '');
  });

  test('a bridge or a link that somebody deleted is made again, too', async () => {
    const bridge = await bridgeOf(await gatewayOf('web'));
    const own = await address('web');
    const works = async () =>
      (await fetch(hostAddresses()[0] ?? '', port)) === 'web' &&
      (await fetchFrom('other', own, 80)) === 'web' &&
      (await fetch('127.0.0.1', port)) === 'web';
    await execute('ip', ['link', 'del', bridge]);
    assert.ok(await within(20_000, works), 'the bridge');
    const links = readdirSync(`/sys/class/net/${bridge}/brif`);
    for (const link of links) await execute('ip', ['link', 'del', link]);
    assert.ok(await within(20_000, works), 'the links');
    assert.match(daemon.output(), /links were repaired/);
  });
});

/** The bridge that has an address. */
async function bridgeOf(gateway: string): Promise<string> {
  const { stdout } = await execute('ip', ['-o', 'addr', 'show', 'to', `${gateway}/32`]);
  return /^\d+: (\S+)/.exec(stdout)?.[1] ?? '';
}

/** What names of the daemon's begin with, by the address of one of its bridges. */
async function prefixOf(gateway: string): Promise<string> {
  const bridge = await bridgeOf(gateway);
  return readFileSync(`/sys/class/net/${bridge}/ifalias`, 'utf8').trim().replace('shiplog:', '');
}

/** Addresses of the host that others could use. */
function hostAddresses(): readonly string[] {
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const own = all.filter(({ family, internal, address }) => {
    return family === 'IPv4' && !internal && !address.startsWith('10.');
  });
  return own.slice(0, 1).map(({ address }) => address);
}

async function listening(port: number, act: () => Promise<void>): Promise<void> {
  const server = await listen(port);
  try {
    await act();
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}

async function isFree(port: number): Promise<boolean> {
  try {
    await listening(port, async () => undefined);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return false;
    throw error;
  }
}

function listen(port: number): Promise<Server> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '0.0.0.0', () => resolve(server));
  });
}

async function freePort(): Promise<number> {
  const server = await listen(0);
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
