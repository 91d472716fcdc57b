/** containerd's own command, as somebody else on the machine uses it in a daemon's namespace. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { connectContainerd } from '../../effects/containerd/client.ts';
import { run, type TemporaryDaemon } from './temporaryDaemon.ts';

/** `ctr` on a daemon's managed containerd; for one namespace, that of the daemon. */
export async function ctrOf(daemon: TemporaryDaemon) {
  const address = join(daemon.execRoot, 'containerd/containerd.sock');
  const answer = await daemon.request('GET', '/info');
  const namespace: string = JSON.parse(answer.body).Containerd.Namespaces.Containers;
  const ask = (...args: readonly string[]) =>
    run('ctr', ['--address', address, '--namespace', namespace, ...args], { timeoutMs: 30_000 });
  return {
    ask,
    /** Standard output of a command that must succeed. */
    async ctr(...args: readonly string[]): Promise<string> {
      const { code, stdout, stderr } = await ask(...args);
      assert.equal(code, 0, `ctr ${args.join(' ')}: ${stderr}`);
      return stdout;
    },
    /** Of a container whose task lives, which `ctr` itself refuses. */
    async deleteRecord(id: string): Promise<void> {
      const client = connectContainerd({ address, namespace });
      try {
        await client.whenConnected(5_000);
        await client.containers.delete(id);
      } finally {
        client.close();
      }
    },
  };
}
