/**
 * What there should be, by what docker's documentation says of the operations: networks, boxes
 * (containers with a web server that answers their name), and who may reach whom. It shares
 * nothing with the daemon that is checked against it.
 */
export interface Net {
  readonly name: string;
  readonly internal: boolean;
  readonly dual: boolean;
}

export interface Box {
  readonly name: string;
  readonly runs: boolean;
  /** Names of networks, also of such as are gone. */
  readonly places: readonly string[];
  /** Port of the host that leads to its web server; null: none. */
  readonly port: number | null;
  readonly hostIp: string;
}

/** The network that is there from the start, where nobody is known by name. */
export const DEFAULT: Net = { name: 'bridge', internal: false, dual: false };
/** What all boxes are called on user-defined networks besides their names. */
export const ALIAS = 'app';

export class Model {
  readonly nets = new Map<string, Net>([[DEFAULT.name, DEFAULT]]);
  readonly boxes = new Map<string, Box>();

  running(): readonly Box[] {
    return [...this.boxes.values()].filter(({ runs }) => runs);
  }

  change(name: string, change: Partial<Box>): void {
    const box = this.boxes.get(name);
    if (box === undefined) throw new Error(`there is no box ${name}`);
    this.boxes.set(name, { ...box, ...change });
  }

  /** Whether its port would be published, if it ran. */
  leadsOut({ places }: Pick<Box, 'places'>): boolean {
    return places.some((name) => this.nets.get(name)?.internal === false);
  }

  /** Who else has the port that the box would publish now. */
  rivalOf({ name, port, places }: Box): Box | undefined {
    if (port === null || !this.leadsOut({ places })) return undefined;
    return this.running().find(
      (other) => other.name !== name && other.port === port && this.leadsOut(other),
    );
  }

  /** The one that answers on a port of the host. */
  publisher(port: number): Box | undefined {
    return this.running().find((box) => box.port === port && this.leadsOut(box));
  }

  users(net: string): readonly Box[] {
    return this.running().filter(({ places }) => places.includes(net));
  }
}

/** Networks that both are in. */
export const shared = (one: Box, other: Box): readonly string[] =>
  one.places.filter((name) => other.places.includes(name));
