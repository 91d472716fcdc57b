/** Operations out of a seed: each with how it should end, and what it makes of the model. */
import { type Box, DEFAULT, type Model, type Net } from './model.ts';

export type Operation =
  | { readonly type: 'create-network'; readonly net: Net }
  | { readonly type: 'remove-network'; readonly net: string }
  | { readonly type: 'create'; readonly box: Box }
  | { readonly type: 'start' | 'stop' | 'remove'; readonly box: string }
  | { readonly type: 'connect' | 'disconnect'; readonly box: string; readonly net: string }
  | { readonly type: 'none' };

export interface Step {
  readonly operation: Operation;
  /** What the refusal says; null: it is done. */
  readonly refused: RegExp | null;
  /** The daemon is killed while it is at it, after so many milliseconds; null: it is not. */
  readonly killAfterMs: number | null;
}

const NETS = 4;
const BOXES = 6;
/** So few that boxes are after the same. */
const PORTS = 3;
/** One step in so many meets a `kill -9`. */
const KILL_EVERY = 9;
const KILL_MS = 150;

export class Story {
  readonly #model: Model;
  readonly #next: () => number;
  readonly #firstPort: number;
  #made = 0;

  /** @param next numbers in [0, 1) */
  constructor(model: Model, next: () => number, firstPort: number) {
    this.#model = model;
    this.#next = next;
    this.#firstPort = firstPort;
  }

  get ports(): readonly number[] {
    return Array.from({ length: PORTS }, (_, at) => this.#firstPort + at);
  }

  next(): Step {
    const operation = this.#operation();
    const refused = this.#refusal(operation);
    const killAfterMs = this.#below(KILL_EVERY) === 0 ? this.#below(KILL_MS) : null;
    return { operation, refused, killAfterMs };
  }

  #operation(): Operation {
    const { nets, boxes } = this.#model;
    const all = [...boxes.values()];
    const [up, down] = [all.filter(({ runs }) => runs), all.filter(({ runs }) => !runs)];
    const acts: (() => Operation | undefined)[] = [
      () => (nets.size <= NETS ? { type: 'create-network', net: this.#net() } : undefined),
      () => this.#of([...nets.keys()].slice(1), (net) => ({ type: 'remove-network', net })),
      () => (boxes.size < BOXES ? { type: 'create', box: this.#box() } : undefined),
      () => this.#of(down, ({ name }) => ({ type: 'start', box: name })),
      () => this.#of(down, ({ name }) => ({ type: 'start', box: name })),
      () => this.#of(up, ({ name }) => ({ type: 'stop', box: name })),
      () => this.#of(all, ({ name }) => ({ type: 'remove', box: name })),
      () => this.#of(all, (box) => this.#connect(box)),
      () => this.#of(all, (box) => this.#connect(box)),
      () => this.#of(all, (box) => this.#disconnect(box)),
    ];
    for (let tries = 0; tries < 20; tries += 1) {
      const operation = this.#pick(acts)?.();
      if (operation !== undefined) return operation;
    }
    return { type: 'none' };
  }

  #net(): Net {
    this.#made += 1;
    const [internal, dual] = [this.#below(4) === 0, this.#below(3) === 0];
    return { name: `net${this.#made}`, internal, dual };
  }

  #box(): Box {
    this.#made += 1;
    const net = this.#pick([...this.#model.nets.keys()]) ?? DEFAULT.name;
    const port = this.#below(2) === 0 ? this.#firstPort + this.#below(PORTS) : null;
    const hostIp = this.#below(2) === 0 ? '127.0.0.1' : '';
    return { name: `box${this.#made}`, runs: false, places: [net], port, hostIp };
  }

  #connect({ name, places }: Box): Operation | undefined {
    const free = [...this.#model.nets.keys()].filter((net) => !places.includes(net));
    return this.#of(free, (net) => ({ type: 'connect', box: name, net }));
  }

  /** From a network that is there: one that is gone can only be left by force. */
  #disconnect({ name, places }: Box): Operation | undefined {
    const left = places.filter((net) => this.#model.nets.has(net));
    return this.#of(left, (net) => ({ type: 'disconnect', box: name, net }));
  }

  #refusal(operation: Operation): RegExp | null {
    const { nets, boxes } = this.#model;
    if (operation.type === 'remove-network') {
      return this.#model.users(operation.net).length > 0 ? /has active endpoints/ : null;
    }
    if (operation.type !== 'start' && operation.type !== 'connect') return null;
    const box = boxes.get(operation.box);
    if (box === undefined) return null;
    const more = operation.type === 'connect' ? [operation.net] : [];
    const after = { ...box, places: [...box.places, ...more] };
    if (operation.type === 'connect' && !box.runs) return null;
    if (after.places.some((net) => !nets.has(net))) {
      return operation.type === 'start' ? /not found/ : null;
    }
    const takes = operation.type === 'start' || !this.#model.leadsOut(box);
    return takes && this.#model.rivalOf(after) ? /port is already allocated/ : null;
  }

  #of<T>(items: readonly T[], make: (item: T) => Operation | undefined): Operation | undefined {
    const item = this.#pick(items);
    return item === undefined ? undefined : make(item);
  }

  #pick<T>(items: readonly T[]): T | undefined {
    return items[this.#below(items.length)];
  }

  #below(count: number): number {
    return Math.floor(this.#next() * count);
  }
}

/** What it makes of the model when it is done. */
export function apply(model: Model, operation: Operation): void {
  switch (operation.type) {
    case 'create-network':
      model.nets.set(operation.net.name, operation.net);
      return;
    case 'remove-network':
      model.nets.delete(operation.net);
      return;
    case 'create':
      model.boxes.set(operation.box.name, operation.box);
      return;
    case 'remove':
      model.boxes.delete(operation.box);
      return;
    case 'start':
    case 'stop':
      model.change(operation.box, { runs: operation.type === 'start' });
      return;
    case 'connect':
    case 'disconnect': {
      const { places = [] } = model.boxes.get(operation.box) ?? {};
      const rest = places.filter((net) => net !== operation.net);
      const more = operation.type === 'connect' ? [operation.net] : [];
      model.change(operation.box, { places: [...rest, ...more] });
      return;
    }
    case 'none':
      return;
    default:
      return operation satisfies never;
  }
}

export function inWords({ operation, refused, killAfterMs }: Step): string {
  const { type, ...rest } = operation;
  const end = refused === null ? '' : ', refused';
  const kill = killAfterMs === null ? '' : `, killed after ${killAfterMs} ms`;
  return `${type} ${JSON.stringify(rest)}${end}${kill}`;
}
