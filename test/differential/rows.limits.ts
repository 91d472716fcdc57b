/** Limits that contradict themselves or the host, at create and at update. */
import { on, type Row } from './rowKinds.ts';
import { body } from './states.ts';

const refused: readonly object[] = [
  { Memory: 1024 },
  { Memory: -1 },
  { MemorySwap: 10_000_000 },
  { Memory: 8_000_000, MemorySwap: 7_000_000 },
  { MemorySwappiness: 101 },
  { MemoryReservation: 5 },
  { Memory: 8_000_000, MemoryReservation: 9_000_000 },
  { NanoCpus: 1_000_000_000, CpuPeriod: 1000 },
  { NanoCpus: 1_000_000_000, CpuQuota: 1000 },
  { CpuPeriod: 1 },
  { CpuQuota: 5 },
  { CpusetCpus: 'x' },
  { CpusetMems: 'y' },
];

/** What is said names the host's processors. */
const ofTheHost: readonly object[] = [
  { NanoCpus: 900_000_000_000 },
  { CpusetCpus: '0-99' },
  { CpusetMems: '7' },
];

const warnings = (answer: unknown): unknown => Object(answer).Warnings;
const PATH = '/containers/create';

const creates = [...refused, ...ofTheHost].map(
  (limits): Row => ({
    title: `create with ${JSON.stringify(limits)}`,
    method: 'POST',
    path: PATH,
    body: body({}, limits),
    hostOnly: ofTheHost.includes(limits),
  }),
);

const warned = [{ OomKillDisable: true }, { MemorySwappiness: -1 }, { CpuPercent: 5 }].map(
  (limits): Row => ({
    title: `create with ${JSON.stringify(limits)}`,
    method: 'POST',
    path: PATH,
    body: body({}, limits),
    show: warnings,
  }),
);

const update = (state: 'running' | 'exited', limits: object): Row =>
  on(state, 'POST', '/containers/{c}/update', {
    title: `${state}: update of ${JSON.stringify(limits)}`,
    body: limits,
    show: (answer) => answer,
  });

const updates: readonly Row[] = [
  update('running', { CpuShares: 512 }),
  update('running', { Memory: 8_000_000 }),
  update('running', { Memory: 1 }),
  update('running', { Memory: 100_000_000, MemorySwap: -1 }),
  update('running', { CpuQuota: 50_000, CpuPeriod: 0 }),
  update('running', { NanoCpus: 100_000_000 }),
  update('running', { PidsLimit: 0 }),
  update('running', {}),
  update('running', { RestartPolicy: { Name: 'bogus' } }),
  update('exited', { CpuShares: 512 }),
  update('exited', { CpuPeriod: 1 }),
];

export const LIMIT_ROWS: readonly Row[] = [...creates, ...warned, ...updates];
