/** Lists of processors or memory nodes as the kernel takes them: `0-3,6`. Pure. */

export type CpuList =
  | { readonly kind: 'list'; readonly numbers: readonly number[] }
  | { readonly kind: 'invalid'; readonly message: string };

/** More than any kernel has; without a bound a short text would ask for gigabytes. */
const MOST = 8192;

export function parseList(text: string): CpuList {
  const numbers: number[] = [];
  for (const part of text.split(',')) {
    const match = /^(\d+)(?:-(\d+))?$/.exec(part);
    if (match === null) return { kind: 'invalid', message: `invalid format: ${text}` };
    const first = Number(match[1]);
    const last = Number(match[2] ?? match[1]);
    if (last < first) return { kind: 'invalid', message: `invalid format: ${text}` };
    if (last > MOST) return { kind: 'invalid', message: `value of out range, maximum is ${MOST}` };
    for (let number = first; number <= last; number += 1) numbers.push(number);
  }
  return { kind: 'list', numbers };
}

/** Whether all of them are in what the host offers. */
export function available(wanted: readonly number[], offered: string): boolean {
  const there = parseList(offered);
  return there.kind === 'list' && wanted.every((number) => there.numbers.includes(number));
}
