/**
 * Other programs (dockerd, ufw) let the kernel drop whatever they did not allow to be forwarded.
 * What our table accepts is then dropped by theirs, so that bridges of ours are let through there,
 * by rules of a fixed form that are found again and taken back. Nothing is added where nothing is
 * dropped.
 */
import { EffectFailure } from '../failure.ts';
import type { HelperShell } from './helperShell.ts';
import type { NetworkDeps } from './ports.ts';

/** Waits for whoever is changing the tables; seconds. */
const WAIT = ['-w', '5'];

/** `-i sl1a2b3+`: what is let through, by where it comes from or goes to. */
type Side = string;

interface ForwardRules {
  readonly drops: boolean;
  readonly ours: readonly Side[];
}

export class ForwardPolicy {
  readonly #shell: HelperShell;
  readonly #tools: readonly string[];
  /** Tells our rules from those of others. */
  readonly #comment: string;

  constructor(
    shell: HelperShell,
    { prefix, firewall6 }: Pick<NetworkDeps, 'prefix' | 'firewall6'>,
  ) {
    this.#shell = shell;
    this.#tools = firewall6 ? ['iptables', 'ip6tables'] : ['iptables'];
    this.#comment = `shiplog-${prefix}`;
  }

  /**
   * @param names of the interfaces (`+` at the end: all that begin so) that are to be let through
   * @returns what was changed, a sentence each
   */
  async settle(names: readonly string[]): Promise<readonly string[]> {
    const sides = names.flatMap((name) => [`-i ${name}`, `-o ${name}`]);
    const changes = await Promise.all(this.#tools.map((tool) => this.#settle(tool, sides)));
    return changes.flat();
  }

  async #settle(tool: string, sides: readonly Side[]): Promise<readonly string[]> {
    const rules = await this.#look(tool);
    if (rules === undefined) return [];
    const wanted = rules.drops ? sides : [];
    const missing = wanted.filter((side) => !rules.ours.includes(side));
    const needless = rules.ours.filter((side) => !wanted.includes(side));
    for (const side of missing) await this.#change(tool, '-I', side);
    for (const side of needless) await this.#change(tool, '-D', side);
    return [
      ...missing.map((side) => `${tool} drops what is forwarded: ${side} is let through`),
      ...needless.map((side) => `${tool}: ${side} need not be let through any more`),
    ];
  }

  async #change(tool: string, act: '-I' | '-D', side: Side): Promise<void> {
    const comment = ['-m', 'comment', '--comment', this.#comment];
    const rule = [...side.split(' '), ...comment, '-j', 'ACCEPT'];
    const { code, output } = await this.#shell.run([tool, ...WAIT, act, 'FORWARD', ...rule]);
    if (code !== 0) throw new EffectFailure('failed', `${tool} ${act} ${side}: ${output}`);
  }

  /**
   * Undefined: there is no such table. Listing by iptables can make the table, so that nft is asked
   * whether there is one.
   */
  async #look(tool: string): Promise<ForwardRules | undefined> {
    const chain = [tool === 'iptables' ? 'ip' : 'ip6', 'filter', 'FORWARD'];
    const there = await this.#shell.run(['nft', 'list', 'chain', ...chain]);
    if (there.code !== 0) return undefined;
    const { code, output } = await this.#shell.run([tool, ...WAIT, '-S', 'FORWARD']);
    return code === 0 ? readForward(output, this.#comment) : undefined;
  }
}

/** @param output of `iptables -S FORWARD` */
export function readForward(output: string, comment: string): ForwardRules {
  const lines = output.split('\n').map((line) => line.trim());
  const ours = lines
    .filter((line) => line.startsWith('-A FORWARD ') && line.includes(` ${comment} `))
    .flatMap((line) => /-[io] \S+/.exec(line)?.[0] ?? []);
  return { drops: lines.includes('-P FORWARD DROP'), ours };
}
