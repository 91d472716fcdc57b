import assert from 'node:assert/strict';
import { test } from 'node:test';
import { within } from '../../test/support/leftovers.ts';
import { ContainerdError } from './errors.ts';
import { type Asked, watchPresence } from './presence.ts';
import type { ConnectionState } from './types.ts';

/** A containerd that answers, or not, as `mute` says. */
class Answering implements Asked {
  readonly address = '/run/x.sock';
  mute = false;
  asked = 0;
  #state: ConnectionState = 'connected';
  #listener: (state: ConnectionState) => void = () => undefined;

  state(): ConnectionState {
    return this.#state;
  }

  onState(listener: (state: ConnectionState) => void): () => void {
    this.#listener = listener;
    return () => undefined;
  }

  becomes(state: ConnectionState): void {
    this.#state = state;
    this.#listener(state);
  }

  async version(): Promise<{ version: string; revision: string }> {
    this.asked += 1;
    if (this.mute) throw new ContainerdError('deadline', 'Deadline exceeded');
    return { version: '1', revision: '' };
  }
}

function watched() {
  const containerd = new Answering();
  const told: (string | null)[] = [];
  const end = watchPresence(containerd, (away) => told.push(away), { everyMs: 1 });
  return { containerd, told, end };
}

test('one that no longer answers is away, and is back when it answers again', async () => {
  const { containerd, told, end } = watched();
  containerd.mute = true;
  assert.ok(await within(5_000, () => told.length === 1));
  containerd.mute = false;
  assert.ok(await within(5_000, () => told.length === 2));
  end();
  assert.deepEqual(told, ['nothing answers at /run/x.sock', null]);
});

test('a connection that breaks is told of at once, and no second time', async () => {
  const { containerd, told, end } = watched();
  containerd.becomes('lost');
  assert.deepEqual(told, ['connection to /run/x.sock lost']);
  containerd.mute = true;
  const { asked } = containerd;
  await within(20, () => false);
  assert.equal(containerd.asked, asked, 'nobody is asked without a connection');
  containerd.mute = false;
  containerd.becomes('connected');
  end();
  assert.deepEqual(told, ['connection to /run/x.sock lost', null]);
});

test('who ended the watch hears nothing more', async () => {
  const { containerd, told, end } = watched();
  end();
  containerd.becomes('lost');
  containerd.mute = true;
  await within(20, () => false);
  assert.deepEqual(told, []);
});
