/** Files of containers for the facade's own tests: what lies at a path is set by the test. */
import type { ApiPorts, CopyInOptions, PathStat, Tell } from '../ports.ts';

export interface FakeFiles {
  /** By path, of whatever container; an error is what asking for it leads to. */
  readonly files: Map<string, PathStat | Error>;
  readonly copiedIn: { readonly options: CopyInOptions; readonly bytes: string }[];
  readonly told: Parameters<Tell>[0][];
  changes: readonly { readonly path: string; readonly kind: 0 | 1 | 2 }[];
}

export const fakeFiles = (): FakeFiles => ({
  files: new Map(),
  copiedIn: [],
  told: [],
  changes: [],
});

/** As effects/archive makes it. */
export function archiveError(kind: string, message: string): Error {
  return Object.assign(new Error(message), { name: 'ArchiveError', kind });
}

export function fakeArchives(fake: FakeFiles): ApiPorts['archives'] {
  const at = (path: string): PathStat => {
    const found = fake.files.get(path) ?? archiveError('not-found', path);
    if (found instanceof Error) throw found;
    return found;
  };
  async function* bytes(): AsyncGenerator<Buffer> {
    yield Buffer.from('a tar');
  }
  return {
    stat: async (_id, path) => at(path),
    copyOut: async (_id, path) => ({ stat: at(path), chunks: bytes() }),
    async copyIn(_id, options, tar) {
      at(options.path);
      const pieces: Uint8Array[] = [];
      for await (const piece of tar) pieces.push(piece);
      fake.copiedIn.push({ options, bytes: Buffer.concat(pieces).toString() });
    },
    export: () => bytes(),
    changes: async () => fake.changes,
  };
}
