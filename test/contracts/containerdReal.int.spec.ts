/** The containerd of this machine keeps the contract that the simulated one was written by. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { after, before } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { startTestContainerd } from '../../effects/containerd/containerd.fixture.ts';
import { startManaged, stopManaged } from '../../effects/containerd/managed.ts';
import { busyboxImage, oldLayout, streamOf, tar } from '../../effects/images/archive.fixture.ts';
import { makeImageStager } from '../../effects/images/loader.ts';
import { codeOf } from '../../effects/system/libc.ts';
import { absenceContract } from './absence.contract.ts';
import { execsContract } from './execs.contract.ts';
import { metadataContract } from './metadata.contract.ts';
import type { Behaviour, Subject } from './subject.ts';
import { tasksContract } from './tasks.contract.ts';

const sh = (script: string): readonly string[] => ['/bin/sh', '-c', script];
const PROGRAMS: Readonly<Record<Behaviour, readonly string[]>> = {
  'exits 7': sh('exit 7'),
  sleeps: sh('/bin/busybox sleep 1000'),
  'ignores TERM': sh('trap "" TERM; /bin/busybox sleep 1000'),
  'is missing': ['/no/such/program'],
};

let subject: Subject;

async function open(): Promise<Subject> {
  const containerd = await startTestContainerd('contract');
  const { client, directory, options } = containerd;
  const snapshotter = 'overlayfs';
  const spoolDirectory = `${directory}/spool`;
  const stager = makeImageStager({ client, snapshotter, spoolDirectory });
  const archive = await tar(oldLayout([{ image: await busyboxImage(), tags: null }]));
  const [image] = await stager.stage(streamOf(archive));
  assert.ok(image);
  let managed = containerd.managed;
  return {
    client,
    snapshotter,
    parent: image.chainId,
    runtimeRoot: `${directory}/runc`,
    args: (behaviour) => PROGRAMS[behaviour],
    pause: (ms) => delay(ms),
    async killShim(id) {
      process.kill(shimOf(id), 'SIGKILL');
    },
    async restart(body) {
      process.kill(managed.pid, 'SIGKILL');
      await body();
      managed = await startManaged(options);
      assert.ok(await client.whenConnected(10_000));
    },
    async close() {
      await containerd.end();
      await stopManaged(managed);
    },
  };
}

/** Pid of the shim that was started for the task. */
function shimOf(id: string): number {
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    const words = commandLine(name);
    const wanted = words.includes('contract') && words[words.indexOf('-id') + 1] === id;
    if (wanted && words[0]?.includes('containerd-shim') === true) return Number(name);
  }
  throw new Error(`no shim of ${id}`);
}

function commandLine(pid: string): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ESRCH') return [];
    throw error;
  }
}

before(async () => {
  subject = await open();
});
after(() => subject.close());

const get = (): Subject => subject;
metadataContract(get);
tasksContract(get);
execsContract(get);
absenceContract(get);
