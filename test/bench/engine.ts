/** A small client of the Engine API for measurements: one keep-alive connection, no CLI process. */
import { Agent, request } from 'node:http';

export interface Engine {
  readonly name: string;
  call(method: string, path: string, body?: unknown): Promise<{ status: number; body: string }>;
  close(): void;
}

const CALL_MS = 60_000;
const UNPLUGGED = { HostConfig: { NetworkMode: 'none' } };

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

/** As `call`, but an error of the Engine is thrown. Gives the body. */
export async function asked(engine: Engine, method: string, path: string, body?: unknown) {
  const answer = await engine.call(method, path, body);
  if (answer.status < 400) return answer.body;
  throw new Error(`${engine.name}: ${method} ${path}: ${answer.status} ${answer.body}`);
}

/** Creates a container of busybox, without a network unless one is asked for; gives its id. */
export async function created(
  engine: Engine,
  cmd: readonly string[],
  config: object = UNPLUGGED,
): Promise<string> {
  const whole = { Image: 'busybox:latest', Cmd: cmd, StopSignal: 'SIGKILL', ...config };
  const body = await asked(engine, 'POST', '/containers/create', whole);
  return (JSON.parse(body) as { Id: string }).Id;
}

/** Creates and starts a container that stays; gives its id. */
export async function sleeper(engine: Engine): Promise<string> {
  const id = await created(engine, ['sleep', '100000']);
  await asked(engine, 'POST', `/containers/${id}/start`);
  return id;
}

export async function removed(engine: Engine, id: string): Promise<void> {
  await asked(engine, 'DELETE', `/containers/${id}?force=1`);
}

/** One container from create to removed, with the milliseconds of each step. */
export async function oneRun(
  engine: Engine,
  config: object = UNPLUGGED,
): Promise<Readonly<Record<string, number>>> {
  const times: Record<string, number> = {};
  const timed = async <T>(step: string, act: () => Promise<T>): Promise<T> => {
    const from = performance.now();
    const result = await act();
    times[step] = performance.now() - from;
    return result;
  };
  const from = performance.now();
  const id = await timed('create', () => created(engine, ['true'], config));
  await timed('start', () => asked(engine, 'POST', `/containers/${id}/start`));
  await timed('wait', () => asked(engine, 'POST', `/containers/${id}/wait`));
  await timed('remove', () => asked(engine, 'DELETE', `/containers/${id}`));
  times['whole'] = performance.now() - from;
  return times;
}
