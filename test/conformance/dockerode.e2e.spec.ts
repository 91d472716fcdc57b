/** dockerode, the Node client, unmodified: paths without a version, hijacked and plain attach. */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Readable, Writable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { finished } from 'node:stream/promises';
import { after, before, suite, test } from 'node:test';
import Docker from 'dockerode';
import { tar } from '../../effects/images/archive.fixture.ts';
import { buildBusyboxImage } from '../support/busyboxImage.ts';
import { within } from '../support/leftovers.ts';
import { startTemporaryDaemon, type TemporaryDaemon } from '../support/temporaryDaemon.ts';

const HOST = { NetworkMode: 'none' };

/** Bytes written so far. */
class Sink extends Writable {
  #text = '';

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#text += chunk.toString('utf8');
    done();
  }

  override toString(): string {
    return this.#text;
  }
}

suite('dockerode works', { timeout: 120_000 }, () => {
  let daemon: TemporaryDaemon | undefined;
  let docker = new Docker();

  before(async () => {
    daemon = await startTemporaryDaemon();
    docker = new Docker({ socketPath: daemon.socket });
    const { archive } = await buildBusyboxImage();
    const answer = await docker.loadImage(Readable.from([archive]));
    assert.match(await text(answer), /Loaded image: busybox:latest/);
  });

  after(async () => {
    const left = await docker.listContainers({ all: true });
    await Promise.all(left.map(({ Id }) => docker.getContainer(Id).remove({ force: true })));
    await daemon?.stop();
  });

  test('ping, version, info, disk usage', async () => {
    assert.equal((await docker.ping()).toString(), 'OK');
    assert.equal((await docker.version()).Os, 'linux');
    assert.equal((await docker.info()).OSType, 'linux');
    assert.equal((await docker.df()).Images.length, 1);
    assert.equal((await docker.listImages()).length, 1);
    assert.deepEqual((await docker.listVolumes()).Volumes, []);
    const names = (await docker.listNetworks()).map(({ Name }) => Name);
    assert.deepEqual(names.toSorted(), ['bridge', 'host', 'none']);
  });

  test('run gives output, apart, and the exit code', async () => {
    const [out, err] = [new Sink(), new Sink()];
    const program = ['sh', '-c', 'echo out; echo err >&2; exit 3'];
    const options = { Tty: false, HostConfig: HOST };
    const [result] = await docker.run('busybox', program, [out, err], options);
    assert.deepEqual([result.StatusCode, String(out), String(err)], [3, 'out\n', 'err\n']);
  });

  test('a life: create, start, list, logs, stop, remove', async () => {
    const name = 'life';
    const made = await docker.createContainer({
      name,
      Image: 'busybox',
      Cmd: ['sh', '-c', 'trap "exit 4" TERM; echo up; while true; do sleep 0.1; done'],
      Labels: { kind: 'test' },
      HostConfig: HOST,
    });
    await made.start();
    const found = await docker.listContainers({ filters: { label: ['kind=test'] }, size: true });
    assert.deepEqual(found[0]?.Names, [`/${name}`]);
    const follow = async () => await made.logs({ follow: true, stdout: true, stderr: true });
    const first = text(await follow());
    await made.restart({ t: 10 });
    assert.equal((await first).match(/up\n/g)?.length, 1, 'it ends with the run');
    const both = text(await follow());
    await made.stop({ t: 10 });
    assert.equal((await both).match(/up\n/g)?.length, 2, 'and goes on where it was');
    assert.equal((await made.inspect()).State.ExitCode, 4);
    const logs = await made.logs({ follow: false, stdout: true, tail: 1, timestamps: true });
    assert.match(logs.toString(), /Z up\n$/);
    await assert.rejects(made.stop(), { statusCode: 304 });
    await made.remove();
    await assert.rejects(made.inspect(), { statusCode: 404, reason: 'no such container' });
  });

  for (const hijack of [true, false])
    test(`attach with ${hijack ? 'an upgrade' : 'a plain answer'} takes input`, async () => {
      const made = await docker.createContainer({
        Image: 'busybox',
        Cmd: ['cat'],
        OpenStdin: true,
        StdinOnce: true,
        AttachStdin: true,
        AttachStdout: true,
        HostConfig: HOST,
      });
      const options = { stream: true, stdin: true, stdout: true, hijack };
      const attached = await made.attach(options);
      const over = once(attached, 'end');
      await made.start();
      const out = new Sink();
      docker.modem.demuxStream(attached, out, new Sink());
      if (hijack) attached.end('hello\n');
      const ended = hijack ? await made.wait() : undefined;
      if (!hijack) await made.kill();
      await over;
      if (hijack) assert.deepEqual([ended.StatusCode, String(out)], [0, 'hello\n']);
      await made.remove({ force: true });
    });

  test('exec gives its output', async () => {
    const made = await docker.createContainer({
      Image: 'busybox',
      Cmd: ['sleep', '1000'],
      HostConfig: HOST,
    });
    await made.start();
    const exec = await made.exec({ Cmd: ['echo', 'inside'], AttachStdout: true });
    const stream = await exec.start({ hijack: true, stdin: false });
    const out = new Sink();
    docker.modem.demuxStream(stream, out, new Sink());
    await buffer(stream);
    assert.equal(String(out), 'inside\n');
    assert.equal((await exec.inspect()).ExitCode, 0);
    await made.remove({ force: true });
  });

  /** A container that runs until it is taken away. */
  async function sleeping() {
    const asked = { Image: 'busybox', Cmd: ['sleep', '1000'], HostConfig: HOST };
    const made = await docker.createContainer(asked);
    await made.start();
    return made;
  }

  test('exec on a terminal is typed into, resized, and gives its exit code', async () => {
    const made = await sleeping();
    const streams = { AttachStdin: true, AttachStdout: true, AttachStderr: true };
    const exec = await made.exec({ Cmd: ['sh'], Tty: true, ...streams });
    const stream = await exec.start({ hijack: true, stdin: true, Tty: true });
    const out = new Sink();
    stream.pipe(out);
    await exec.resize({ h: 41, w: 99 });
    stream.write('stty size; exit 5\n');
    assert.ok(await within(15_000, () => /41 99\r\n/.test(String(out))), String(out));
    assert.ok(await within(15_000, async () => (await exec.inspect()).ExitCode === 5));
    await made.remove({ force: true });
  });

  test('exec takes input and gives both streams apart', async () => {
    const made = await sleeping();
    const streams = { AttachStdin: true, AttachStdout: true, AttachStderr: true };
    const exec = await made.exec({ Cmd: ['sh', '-c', 'cat; echo end >&2'], ...streams });
    const stream = await exec.start({ hijack: true, stdin: true });
    const [out, err] = [new Sink(), new Sink()];
    docker.modem.demuxStream(stream, out, err);
    stream.end('given\n');
    await finished(stream, { writable: false });
    assert.deepEqual([String(out), String(err)], ['given\n', 'end\n']);
    await made.remove({ force: true });
  });

  test('stats as a stream, until nobody reads', async () => {
    const made = await sleeping();
    const stream = await made.stats({ stream: true });
    const samples: { readonly memory_stats: { readonly usage: number } }[] = [];
    for await (const chunk of stream) {
      samples.push(JSON.parse(String(chunk)));
      if (samples.length === 2) break;
    }
    assert.ok(samples.every(({ memory_stats }) => memory_stats.usage > 0));
    await made.remove({ force: true });
  });

  test('files go in and come out, and an image of them runs', async () => {
    const made = await sleeping();
    const data = randomBytes(200_000);
    await made.putArchive(Readable.from([await tar([{ name: 'kept', data }])]), { path: '/tmp' });
    const archive = await buffer(await made.getArchive({ path: '/tmp/kept' }));
    assert.ok(archive.includes(data));
    const { Id } = await made.commit({ repo: 'kept', tag: 'now' });
    const sum = createHash('sha256').update(data).digest('hex');
    const out = new Sink();
    const program = ['busybox', 'sha256sum', '/tmp/kept'];
    const options = { Tty: false, HostConfig: { ...HOST, AutoRemove: true } };
    const [result] = await docker.run(Id, program, [out, new Sink()], options);
    assert.deepEqual([result.StatusCode, String(out)], [0, `${sum}  /tmp/kept\n`]);
    await made.remove({ force: true });
    await docker.getImage(Id).remove();
  });

  test('events, and a prune with filters', async () => {
    const made = await docker.createContainer({
      Image: 'busybox',
      Cmd: ['true'],
      Labels: { prune: 'me' },
      HostConfig: HOST,
    });
    const pruned = await docker.pruneContainers({ filters: { label: ['prune=me'] } });
    assert.deepEqual(pruned.ContainersDeleted, [made.id]);
    const until = Math.ceil(Date.now() / 1000) + 1;
    const filters = JSON.stringify({ type: ['container'], event: ['create', 'destroy', 'prune'] });
    const told = await text(await docker.getEvents({ since: 1, until, filters }));
    const last = told.trim().split('\n').slice(-3);
    const actions = last.map((line) => JSON.parse(line).Action);
    assert.deepEqual(actions, ['create', 'destroy', 'prune']);
  });
});
