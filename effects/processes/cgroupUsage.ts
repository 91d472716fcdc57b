/** The counters of a control group, the same shape from either version of the interface. */

/** A file of the group, empty if it is not there. */
export type ReadGroup = (controller: string, file: string) => Promise<string>;

export interface BlockCount {
  readonly major: number;
  readonly minor: number;
  /** `Read`, `Write`, …; lower case in version 2. */
  readonly op: string;
  readonly value: number;
}

export interface GroupUsage {
  readonly pids: { readonly current: number /** null: none. */; readonly limit: number | null };
  /** All times in nanoseconds. */
  readonly cpu: {
    readonly totalNs: number;
    readonly kernelNs: number;
    readonly userNs: number;
    /** Version 1 alone. */
    readonly perCpuNs: readonly number[] | null;
    readonly periods: number;
    readonly throttledPeriods: number;
    readonly throttledNs: number;
  };
  /** Bytes. */
  readonly memory: {
    readonly usage: number;
    /** Version 1 alone. */
    readonly most: number | null;
    readonly failures: number | null;
    /** As the kernel says it; may be more than there is. */
    readonly limit: number | null;
    readonly stats: Readonly<Record<string, number>>;
  };
  /** By what is counted: `io_service_bytes_recursive`, …; null: not counted in this version. */
  readonly block: Readonly<Record<string, readonly BlockCount[] | null>>;
}

const USER_HZ_NS = 10_000_000;
const US = 1_000;
const BLOCK_NAMES = [
  'io_service_bytes_recursive',
  'io_serviced_recursive',
  'io_queue_recursive',
  'io_service_time_recursive',
  'io_wait_time_recursive',
  'io_merged_recursive',
  'io_time_recursive',
  'sectors_recursive',
] as const;

/** `name value` lines. */
export function counters(text: string): Readonly<Record<string, number>> {
  const lines = [...text.matchAll(/^(\S+) (\d+)$/gm)];
  return Object.fromEntries(lines.map(([, name = '', value]) => [name, Number(value)]));
}

/** A number alone; null for `max`, for nothing, and for what is no limit at all. */
function single(text: string): number | null {
  const trimmed = text.trim();
  return /^\d+$/.test(trimmed) ? Number(trimmed) : null;
}

async function pidsUsage(read: ReadGroup): Promise<GroupUsage['pids']> {
  const [current, limit] = await Promise.all(['pids.current', 'pids.max'].map(of('pids', read)));
  return { current: single(current ?? '') ?? 0, limit: single(limit ?? '') };
}

const of = (controller: string, read: ReadGroup) => (file: string) => read(controller, file);

export async function usageV1(read: ReadGroup): Promise<GroupUsage> {
  const [pids, cpu, memory, block] = await Promise.all([
    pidsUsage(read),
    cpuV1(read),
    memoryV1(read),
    blockV1(read),
  ]);
  return { pids, cpu, memory, block };
}

async function cpuV1(read: ReadGroup): Promise<GroupUsage['cpu']> {
  const files = ['cpuacct.usage', 'cpuacct.usage_percpu', 'cpuacct.stat'];
  const [total = '', each = '', split = ''] = await Promise.all(files.map(of('cpuacct', read)));
  const throttling = counters(await read('cpu', 'cpu.stat'));
  const { user = 0, system = 0 } = counters(split);
  return {
    totalNs: single(total) ?? 0,
    kernelNs: system * USER_HZ_NS,
    userNs: user * USER_HZ_NS,
    perCpuNs: each.split(/\s+/).filter(Boolean).map(Number),
    periods: throttling['nr_periods'] ?? 0,
    throttledPeriods: throttling['nr_throttled'] ?? 0,
    throttledNs: throttling['throttled_time'] ?? 0,
  };
}

async function memoryV1(read: ReadGroup): Promise<GroupUsage['memory']> {
  const names = ['usage_in_bytes', 'max_usage_in_bytes', 'failcnt', 'limit_in_bytes', 'stat'];
  const files = names.map((name) => `memory.${name}`);
  const [usage = '', most = '', failures = '', limit = '', stat = ''] = await Promise.all(
    files.map(of('memory', read)),
  );
  return {
    usage: single(usage) ?? 0,
    most: single(most),
    failures: single(failures),
    limit: single(limit),
    stats: counters(stat),
  };
}

/** With throttling the kernel counts bytes and requests; the rest needs a scheduler that counts. */
async function blockV1(read: ReadGroup): Promise<GroupUsage['block']> {
  const found = BLOCK_NAMES.map(async (name) => {
    const bare = name.replace('_recursive', '').replace('io_queue', 'io_queued');
    const throttled = await read('blkio', `blkio.throttle.${bare}_recursive`);
    const text =
      throttled ||
      (await read('blkio', `blkio.throttle.${bare}`)) ||
      (await read('blkio', `blkio.${bare}_recursive`));
    return [name, blockCounts(text)] as const;
  });
  return Object.fromEntries(await Promise.all(found));
}

/** `8:0 Read 4096` lines. */
function blockCounts(text: string): readonly BlockCount[] {
  return [...text.matchAll(/^(\d+):(\d+) (?:(\w+) )?(\d+)$/gm)].map(
    ([, major, minor, op = '', value]) => ({
      major: Number(major),
      minor: Number(minor),
      op,
      value: Number(value),
    }),
  );
}

export async function usageV2(read: ReadGroup): Promise<GroupUsage> {
  const files = ['cpu.stat', 'memory.current', 'memory.max', 'memory.stat', 'io.stat'];
  const [cpu = '', current = '', max = '', stat = '', io = ''] = await Promise.all(
    files.map(of('', read)),
  );
  return {
    pids: await pidsUsage(read),
    cpu: cpuV2(counters(cpu)),
    memory: {
      usage: single(current) ?? 0,
      most: null,
      failures: null,
      limit: single(max),
      stats: counters(stat),
    },
    block: blockV2(io),
  };
}

function cpuV2(count: Readonly<Record<string, number>>): GroupUsage['cpu'] {
  const ns = (name: string): number => (count[name] ?? 0) * US;
  return {
    totalNs: ns('usage_usec'),
    kernelNs: ns('system_usec'),
    userNs: ns('user_usec'),
    perCpuNs: null,
    periods: count['nr_periods'] ?? 0,
    throttledPeriods: count['nr_throttled'] ?? 0,
    throttledNs: ns('throttled_usec'),
  };
}

/** `8:0 rbytes=1 wbytes=2 rios=3 …` lines. */
function blockV2(text: string): GroupUsage['block'] {
  const bytes = [...text.matchAll(/^(\d+):(\d+) (.*)$/gm)].flatMap(([, major, minor, rest = '']) =>
    (['read', 'write'] as const).map((op) => {
      const value = new RegExp(`\\b${op.slice(0, 1)}bytes=(\\d+)`).exec(rest)?.[1] ?? '0';
      return { major: Number(major), minor: Number(minor), op, value: Number(value) };
    }),
  );
  const uncounted = BLOCK_NAMES.map((name) => [name, null] as const);
  return { ...Object.fromEntries(uncounted), io_service_bytes_recursive: bytes };
}
