/** The part of the fake ports that the native API alone asks. */
import type { OpenRow } from '../../machines/container.waiting.ts';
import type {
  FactTexts,
  Native,
  NativeStatus,
  ReconcileAsked,
  ReconcileOutcome,
  StreamFact,
} from '../native/ports.ts';

/** What a test puts in is given back. */
export interface FakeNative {
  status: NativeStatus;
  facts: StreamFact[];
  texts: FactTexts[];
  rows: Map<string, OpenRow[]>;
  asked: ReconcileAsked[];
  outcome: ReconcileOutcome;
}

export function fakeNative({ native }: { readonly native: FakeNative }): Native {
  return {
    status: () => native.status,
    async reconcile(asked) {
      native.asked.push(asked);
      return native.outcome;
    },
    texts: (position, limit) =>
      native.texts.filter((fact) => fact.position > position).slice(0, limit),
    facts: (_stream, limit) => native.facts.slice(-limit),
    adopted: () => null,
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
    rows: new Map(),
    asked: [],
    outcome: { kind: 'done', report: { ...reconciled, adopted: [], notAdopted: [] } },
  };
}
