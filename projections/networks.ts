/**
 * Networks, and what containers have and want in them. `p_networks` keeps a network's document for
 * good, for its old events; `p_container_networks` has what inspect and list show of a container.
 */
import type { Database } from 'better-sqlite3';
import type { ContainerFact } from '../machines/container.facts.ts';
import type { Attachment, Endpoint, NetworkConfig } from '../machines/network.config.ts';
import type { NetworkFact } from '../machines/network.facts.ts';
import { asContainerFact, type FoldedFact, idOfStream, type Projection } from './projection.ts';
import { batched, openTable, type RowOf, type Rows, tableSchema } from './table.ts';
import type { ContainerPlaces, NetworkQueries, NetworkView } from './views.ts';

const PLACES_COLUMNS = {
  id: 'text',
  position: 'integer',
  run: 'integer',
  networks: 'text',
  endpoints: 'text?',
} as const;

type PlacesRow = RowOf<typeof PLACES_COLUMNS>;

export const networksProjection: Projection = {
  name: 'networks',
  version: 2,
  schema: [
    `CREATE TABLE p_networks (
      id TEXT PRIMARY KEY,
      position INTEGER NOT NULL,
      stage TEXT NOT NULL,
      name TEXT NOT NULL,
      created_ns INTEGER NOT NULL,
      document TEXT NOT NULL
    ) STRICT, WITHOUT ROWID`,
    "CREATE INDEX p_networks_active ON p_networks (id) WHERE stage = 'active'",
    tableSchema('p_container_networks', PLACES_COLUMNS),
    `CREATE INDEX p_container_networks_live ON p_container_networks (id)
      WHERE endpoints IS NOT NULL`,
  ],
  drop: ['DROP TABLE IF EXISTS p_networks', 'DROP TABLE IF EXISTS p_container_networks'],
  folds: ['network.', 'container.'],
  prepare(db) {
    const network = prepareNetworks(db);
    const places = openTable(db, 'p_container_networks', PLACES_COLUMNS);
    return batched([places], (stored) => {
      if (stored.type.startsWith('network.')) return network(stored, asNetworkFact(stored));
      const fact = asContainerFact(stored);
      if (fact !== undefined) foldPlaces(places, stored, fact);
    });
  },
};

export const asNetworkFact = ({ type, data }: Pick<FoldedFact, 'type' | 'data'>): NetworkFact =>
  ({ type, data }) as NetworkFact;

function prepareNetworks(db: Database): (stored: FoldedFact, fact: NetworkFact) => void {
  const add = db.prepare(`INSERT INTO p_networks (id, position, stage, name, created_ns, document)
    VALUES (:id, :position, 'creating', :name, :atNs, :document) ON CONFLICT (id) DO NOTHING`);
  const set = db.prepare(`UPDATE p_networks SET position = :position, stage = :stage
    WHERE id = :id AND position < :position`);
  const stages: Partial<Record<NetworkFact['type'], string>> = {
    'network.created': 'active',
    'network.create-failed': 'failed',
    'network.removed': 'removed',
  };
  return (stored, fact) => {
    const key = { id: idOfStream(stored.stream), position: stored.position };
    if (fact.type === 'network.create-requested') {
      const { name } = fact.data;
      add.run({ ...key, name, atNs: stored.atNs, document: JSON.stringify(fact.data) });
    }
    const stage = stages[fact.type];
    if (stage !== undefined) set.run({ ...key, stage });
  };
}

interface Changed {
  readonly run?: number;
  readonly networks?: readonly Attachment[];
  readonly endpoints?: readonly Endpoint[] | null;
}

function foldPlaces(places: Rows<PlacesRow>, stored: FoldedFact, fact: ContainerFact): void {
  const id = idOfStream(stored.stream);
  const { position } = stored;
  if (fact.type === 'container.create-requested' || fact.type === 'container.adopt-requested') {
    if (places.get(id) !== undefined) return;
    const { hostConfig } = fact.data;
    const given = 'networks' in fact.data ? fact.data.networks : undefined;
    const mode = hostConfig.NetworkMode === '' ? 'bridge' : hostConfig.NetworkMode;
    const own = mode.startsWith('container:') ? [] : [{ network: mode }];
    const networks = JSON.stringify(given ?? own);
    return places.put({ id, position, run: 0, networks, endpoints: null });
  }
  if (!CHANGING.has(fact.type)) return;
  const row = places.get(id);
  if (row === undefined || row.position >= position) return;
  const change = changedBy(fact, placesOf(row));
  if (change === undefined) return;
  places.put({ ...row, position, ...changedColumns(change) });
}

function changedColumns({ run, networks, endpoints }: Changed): Partial<PlacesRow> {
  return {
    ...(run === undefined ? {} : { run }),
    ...(networks === undefined ? {} : { networks: JSON.stringify(networks) }),
    ...(endpoints === undefined ? {} : { endpoints: endpoints && JSON.stringify(endpoints) }),
  };
}

/** Others change nothing of the row, and need not look at it. */
const CHANGING: ReadonlySet<string> = new Set([
  'container.start-requested',
  'container.exited',
  'container.start-failed',
  'container.attachment-added',
  'container.attachment-removed',
  'container.connect-requested',
  'container.connect-failed',
  'container.disconnect-requested',
  'container.disconnected',
]);

function changedBy(fact: ContainerFact, places: ContainerPlaces): Changed | undefined {
  const { networks } = places;
  const endpoints = places.endpoints ?? [];
  switch (fact.type) {
    case 'container.start-requested':
      return { run: fact.data.run, endpoints: fact.data.endpoints ?? null };
    case 'container.exited':
    case 'container.start-failed':
      return { endpoints: null };
    case 'container.attachment-added':
      return { networks: [...networks, fact.data.attachment] };
    case 'container.attachment-removed':
      return { networks: without(networks, fact.data) };
    case 'container.connect-requested': {
      const { attachment, endpoint } = fact.data;
      const now = fact.data.endpoints ?? [...endpoints, endpoint];
      return { networks: [...networks, attachment], endpoints: now };
    }
    case 'container.disconnect-requested':
      return fact.data.endpoints === undefined ? undefined : { endpoints: fact.data.endpoints };
    case 'container.connect-failed':
    case 'container.disconnected': {
      const lost = endpoints.find(({ network }) => network === fact.data.network);
      if (lost === undefined) return undefined;
      const { endpoints: now = endpoints } = 'endpoints' in fact.data ? fact.data : {};
      const rest = now.filter(({ network }) => network !== lost.network);
      return { networks: without(networks, lost), endpoints: rest };
    }
    default:
      return undefined;
  }
}

function without(
  networks: readonly Attachment[],
  { network, name }: { readonly network: string; readonly name: string },
): readonly Attachment[] {
  return networks.filter((one) => {
    const given = one.network === 'default' ? 'bridge' : one.network;
    return given !== network && given !== name;
  });
}

const placesOf = ({ id, run, networks, endpoints }: PlacesRow): ContainerPlaces => ({
  id,
  run,
  networks: JSON.parse(networks) as readonly Attachment[],
  endpoints: endpoints === null ? null : (JSON.parse(endpoints) as readonly Endpoint[]),
});

interface NetworkRow {
  readonly created_ns: bigint;
  readonly document: string;
}

const viewOf = ({ created_ns, document }: NetworkRow): NetworkView => ({
  ...(JSON.parse(document) as NetworkConfig),
  createdNs: created_ns,
});

/** Prepares all statements; the tables must exist. */
export function openNetworkQueries(db: Database): NetworkQueries {
  const columns = 'SELECT created_ns, document FROM p_networks';
  const all = db
    .prepare<[], NetworkRow>(`${columns} WHERE stage = 'active' ORDER BY created_ns DESC`)
    .safeIntegers();
  const ever = db.prepare<[string], NetworkRow>(`${columns} WHERE id = ?`).safeIntegers();
  const places = 'SELECT * FROM p_container_networks';
  const one = db.prepare<[string], PlacesRow>(`${places} WHERE id = ?`);
  const live = db.prepare<[], PlacesRow>(`${places} WHERE endpoints IS NOT NULL`);
  return {
    list: () => all.all().map(viewOf),
    get: (id) => {
      const row = ever.get(id);
      return row === undefined ? undefined : viewOf(row);
    },
    placesOf: (container) => {
      const row = one.get(container);
      return row === undefined ? undefined : placesOf(row);
    },
    livePlaces: () => live.all().map(placesOf),
  };
}
