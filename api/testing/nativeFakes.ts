/** The part of the fake ports that the native API alone asks. */

import type { OpenRow } from '../../machines/container.waiting.ts';
import type { ContainerSummary } from '../../projections/views.ts';
import type {
  FactText,
  Native,
  NativeStatus,
  Rebuilt,
  ReconcileAsked,
  ReconcileOutcome,
  ReloadOutcome,
  StreamFact,
  Verified,
  WhyFact,
} from '../native/ports.ts';

/** What a test puts in is given back. */
export interface FakeNative {
  status: NativeStatus;
  facts: StreamFact[];
  texts: FactText[];
  verified: Verified;
  rebuilt: Rebuilt;
  family: WhyFact[];
  past: ContainerSummary[];
  daemonFacts: WhyFact[];
  rows: Map<string, OpenRow[]>;
  asked: ReconcileAsked[];
  outcome: ReconcileOutcome;
  reloaded: ReloadOutcome;
}

function textsAfter({ texts }: FakeNative, position: number, limit: number) {
  return texts.filter((fact) => fact.position > position).slice(0, limit);
}

export function fakeNative({ native }: { readonly native: FakeNative }): Native {
  return {
    status: () => native.status,
    async reconcile(asked) {
      native.asked.push(asked);
      return native.outcome;
    },
    texts: {
      after: (position, limit) => textsAfter(native, position, limit),
      lines(position, limit) {
        const texts = textsAfter(native, position, limit);
        const last = texts.at(-1);
        if (last === undefined) return undefined;
        const lines = texts.map(({ json }) => `${json}\n`);
        return { bytes: Buffer.from(lines.join('')), reached: last.position };
      },
    },
    async *verify() {
      yield { kind: 'progress', position: 1 };
      yield { kind: 'done', result: native.verified };
    },
    async *rebuild() {
      yield { kind: 'progress', position: 2 };
      yield { kind: 'done', result: native.rebuilt };
    },
    containersAt: async () => native.past,
    containerAt: async () => ({ kind: 'none' }),
    copy: async () => ({ kind: 'failed', message: 'no disk' }),
    family: () => native.family,
    daemonFacts: () => native.daemonFacts,
    userName: (uid) => (uid === 1000 ? 'alice' : undefined),
    facts: (_stream, limit) => native.facts.slice(-limit),
    reload: async () => native.reloaded,
    adopted: () => null,
    runtimeOf: () => null,
    custom: () => ({}),
    openRows: () => native.rows,
    openRowsOf: ({ id }) => native.rows.get(id) ?? [],
  };
}

/** All is well, and was so at `nowNs`. */
export function freshNative(nowNs: bigint): FakeNative {
  const reconciled = { atNs: String(nowNs), checked: 3, differences: [] };
  return {
    status: {
      containerd: { awaySinceNs: null },
      stdio: { awaySinceNs: null },
      stopped: [],
      reconciled,
    },
    facts: [],
    texts: [],
    family: [],
    past: [],
    daemonFacts: [],
    verified: { ok: true, facts: 3, hash: 'ab'.repeat(32) },
    rebuilt: { facts: 3, rows: 0, first: [] },
    rows: new Map(),
    asked: [],
    reloaded: { kind: 'done', report: { changed: [], atRestart: [], warnings: [] } },
    outcome: { kind: 'done', report: { ...reconciled, adopted: [], notAdopted: [] } },
  };
}
