/** What is asked of an image of its own, which has the references `<name>:1` and `<name>:2`. */
import assert from 'node:assert/strict';
import { buildBusyboxImage } from '../support/busyboxImage.ts';
import { held } from '../support/imageWorld.ts';
import type { TemporaryDaemon } from '../support/temporaryDaemon.ts';
import * as asks from './asks.ts';
import type { Act, Operation } from './operation.ts';

const loaded =
  (...tags: readonly string[]): Act =>
  async (daemon, name) => {
    const repoTags = tags.map((tag) => `${name}:${tag}`);
    const { archive } = await buildBusyboxImage({ repoTags, labels: { name } });
    const { code, stderr } = await daemon.dockerWith({ input: archive }, 'load');
    assert.equal(code, 0, stderr);
  };

/** Whether containerd has a record of the reference. */
async function has(daemon: TemporaryDaemon, name: string, tag: string): Promise<boolean> {
  return (await held(daemon)).records.includes(`docker.io/library/${name}:${tag}`);
}

/** By each reference that there is: with the last one the image goes. */
async function clear(daemon: TemporaryDaemon, name: string): Promise<void> {
  for (const tag of ['1', '2']) {
    const { status, body } = await daemon.request('DELETE', `/images/${name}:${tag}`);
    assert.ok(status === 200 || status === 404, body);
  }
}

const remove =
  (tag: string): Act =>
  async (daemon, name) => {
    await asks.ask(daemon, 'DELETE', `/images/${name}:${tag}`);
  };

const base = { from: 'absent', leads: 'absent', clear } as const;

export const IMAGE_OPERATIONS: readonly Operation[] = [
  {
    ...base,
    name: 'tag',
    command: 'tag-image',
    set: loaded('1'),
    ask: async (daemon, name) => {
      await asks.ask(daemon, 'POST', `/images/${name}:1/tag?repo=${name}&tag=2`);
    },
    isDone: (daemon, name) => has(daemon, name, '2'),
  },
  {
    ...base,
    name: 'untag',
    command: 'remove-image',
    set: loaded('1', '2'),
    ask: remove('2'),
    isDone: async (daemon, name) => !(await has(daemon, name, '2')),
  },
  {
    ...base,
    name: 'remove an image',
    command: 'remove-image',
    set: loaded('1'),
    ask: remove('1'),
    isDone: async (daemon, name) => !(await has(daemon, name, '1')),
  },
];
