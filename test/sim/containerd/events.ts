/** The simulated event service: no history; what is lost, late or doubled is up to the weather. */
import type { ContainerdEvent, EventBody } from '../../../effects/containerd/types.ts';

export interface EventFate {
  /** How often it arrives, and how long each copy takes, milliseconds. */
  readonly copies: readonly number[];
}

type Subscriber = (event: ContainerdEvent | Error) => void;

const KINDS: Readonly<Record<string, EventBody['kind']>> = {
  '/tasks/create': 'task-create',
  '/tasks/start': 'task-start',
  '/tasks/exit': 'task-exit',
  '/tasks/delete': 'task-delete',
  '/tasks/oom': 'task-oom',
  '/tasks/paused': 'task-paused',
  '/tasks/resumed': 'task-resumed',
  '/tasks/exec-added': 'exec-added',
  '/tasks/exec-started': 'exec-started',
};

export class EventBus {
  readonly #subscribers = new Set<Subscriber>();
  readonly #after: (ms: number, act: () => void) => void;
  readonly #fate: () => EventFate;
  readonly #nowNs: () => bigint;

  constructor(
    after: (ms: number, act: () => void) => void,
    fate: () => EventFate,
    nowNs: () => bigint,
  ) {
    this.#after = after;
    this.#fate = fate;
    this.#nowNs = nowNs;
  }

  publish(topic: string, fields: object): void {
    const kind = KINDS[topic];
    if (kind === undefined || this.#subscribers.size === 0) return;
    const body = { kind, ...fields } as EventBody;
    const event = { topic, namespace: 'sim', atNs: this.#nowNs(), body };
    for (const ms of this.#fate().copies) {
      this.#after(ms, () => {
        for (const tell of [...this.#subscribers]) tell(event);
      });
    }
  }

  /** The connection broke: every subscriber is told so, and has to subscribe again. */
  break(error: Error): void {
    for (const tell of [...this.#subscribers]) tell(error);
    this.#subscribers.clear();
  }

  async *subscribe(signal: AbortSignal): AsyncGenerator<ContainerdEvent> {
    const queue: (ContainerdEvent | Error)[] = [];
    let wake: () => void = () => undefined;
    const tell: Subscriber = (event) => {
      queue.push(event);
      wake();
    };
    this.#subscribers.add(tell);
    const aborted = (): void => wake();
    signal.addEventListener('abort', aborted, { once: true });
    try {
      while (!signal.aborted) {
        const next = queue.shift();
        if (next instanceof Error) throw next;
        if (next !== undefined) yield next;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      this.#subscribers.delete(tell);
      signal.removeEventListener('abort', aborted);
    }
  }
}
