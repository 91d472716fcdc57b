/** What differs from engine to engine and from time to time, in words that do not. */

/** One engine through one story: subnets get their number as they appear, ids their name. */
export class Alike {
  readonly #pool: RegExp;
  readonly #mac: RegExp;
  readonly #subnets = new Map<string, string>();
  readonly #ids = new Map<string, string>();

  /** @param pool the first two bytes of the subnets that both engines choose from: `10.64` */
  constructor(pool: string) {
    this.#pool = new RegExp(`\\b${pool.replaceAll('.', '\\.')}\\.(\\d+)\\.(?=\\d)`, 'g');
    const [first = 0, second = 0] = pool.split('.').map(Number);
    const begin = [0x02, 0x42, first, second].map(hex).join(':');
    this.#mac = new RegExp(`\\b${begin}:([0-9a-f]{2}):([0-9a-f]{2})\\b`, 'g');
  }

  /** The id is said by its name from now on. */
  knows(id: string, name: string): void {
    this.#ids.set(id, `<${name}>`);
  }

  text(given: string): string {
    let text = given;
    for (const [id, name] of this.#ids) {
      text = text.replaceAll(id, name).replaceAll(id.slice(0, 12), `short ${name}`);
    }
    return text
      .replace(/\b[0-9a-f]{64}\b/g, 'HEX')
      .replace(/\/[\w./-]*netns\/[\w-]+/g, 'SANDBOX')
      .replace(this.#pool, (_, third) => `${this.#subnet(third)}.`)
      .replace(this.#mac, (_, third, last) => {
        const subnet = this.#subnet(String(Number.parseInt(third, 16)));
        return `mac of ${subnet}.${Number.parseInt(last, 16)}`;
      })
      .replace(EPHEMERAL, 'PORT');
  }

  #subnet(third: string): string {
    const name = this.#subnets.get(third) ?? `POOL${this.#subnets.size}`;
    this.#subnets.set(third, name);
    return name;
  }
}

/** A port of the engine's choice: 32768 to 60999. */
const EPHEMERAL =
  /(?<![\w.])(?:3276[89]|327[7-9]\d|32[89]\d\d|3[3-9]\d{3}|[45]\d{4}|60\d{3})(?![\w.])/g;

const hex = (byte: number): string => byte.toString(16).padStart(2, '0');

/** Numbers of links, and how long the kernel lets them queue. */
export const linkLine = (line: string): string =>
  line
    .replace(/^\d+: (\w+)(?:@if\d+)?:/, '$1:')
    .replace(/ qlen \d+/, '')
    .replace(/link\/ether (\S+) brd \S+.*$/, 'link/ether $1')
    .replace(/inet6 fe80::\S+/, 'inet6 LINK')
    .replace(/ tentative$/, '');
