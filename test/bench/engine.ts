/** A small client of the Engine API for measurements: one keep-alive connection, no CLI process. */
import { Agent, request } from 'node:http';

export interface Engine {
  readonly name: string;
  call(method: string, path: string, body?: unknown): Promise<{ status: number; body: string }>;
  close(): void;
}

const CALL_MS = 60_000;

export function engineAt(name: string, socketPath: string): Engine {
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  return {
    name,
    close: () => agent.destroy(),
    call: (method, path, body) =>
      new Promise((resolve, reject) => {
        const payload = body === undefined ? '' : JSON.stringify(body);
        const headers = { 'Content-Type': 'application/json', 'Content-Length': payload.length };
        const sent = request(
          { socketPath, agent, method, path: `/v1.41${path}`, headers, timeout: CALL_MS },
          (answer) => {
            let text = '';
            answer.setEncoding('utf8');
            answer.on('data', (chunk: string) => {
              text += chunk;
            });
            answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body: text }));
          },
        );
        sent.on('timeout', () => sent.destroy(new Error(`${method} ${path} takes too long`)));
        sent.on('error', reject);
        sent.end(payload);
      }),
  };
}

/** One container from create to removed, with the milliseconds of each step. */
export async function oneRun(engine: Engine): Promise<Readonly<Record<string, number>>> {
  const times: Record<string, number> = {};
  const timed = async (step: string, method: string, path: string, body?: unknown) => {
    const from = performance.now();
    const answer = await engine.call(method, path, body);
    times[step] = performance.now() - from;
    if (answer.status >= 400) throw new Error(`${engine.name}: ${step}: ${answer.body}`);
    return answer;
  };
  const from = performance.now();
  const HostConfig = { NetworkMode: 'none' };
  const created = await timed('create', 'POST', '/containers/create', {
    Image: 'busybox:latest',
    Cmd: ['true'],
    HostConfig,
  });
  const { Id } = JSON.parse(created.body) as { Id: string };
  await timed('start', 'POST', `/containers/${Id}/start`);
  await timed('wait', 'POST', `/containers/${Id}/wait`);
  await timed('remove', 'DELETE', `/containers/${Id}`);
  times['whole'] = performance.now() - from;
  return times;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
