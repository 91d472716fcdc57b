/** What the record of somebody else's container tells of it, for whoever adopts it. */
import type { Containerd } from '../containerd/client.ts';
import type { CallOptions } from '../containerd/types.ts';
import { orAbsent } from './runRecord.ts';

export interface ForeignRecord {
  readonly id: string;
  /** Name of the image as the record has it; may be empty. */
  readonly image: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly args: readonly string[];
  readonly workingDirectory: string;
  readonly hostname: string;
  readonly terminal: boolean;
}

/** Undefined: there is no record of that id. @throws ContainerdError */
export async function foreignRecord(
  containerd: Pick<Containerd, 'containers'>,
  id: string,
  options: CallOptions = {},
): Promise<ForeignRecord | undefined> {
  const record = await orAbsent(containerd.containers.get(id, options));
  if (record === undefined) return undefined;
  const spec = parsed(record.spec?.value);
  const process = member(spec, 'process');
  const args = member(process, 'args');
  return {
    id,
    image: record.image,
    labels: record.labels,
    args: Array.isArray(args) ? args.map(String) : [],
    workingDirectory: text(member(process, 'cwd')),
    hostname: text(member(spec, 'hostname')),
    terminal: member(process, 'terminal') === true,
  };
}

/** A spec of another form than OCI's tells nothing. */
function parsed(bytes: Uint8Array | undefined): unknown {
  try {
    return JSON.parse(Buffer.from(bytes ?? []).toString('utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

const member = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
