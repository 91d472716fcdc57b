/** What all commands that ask a daemon have in common: which daemon, and the form of the answer. */
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { type Client, ClientError, createClient } from './client/index.ts';
import { DEFAULT_HOST, type Surroundings } from './command.ts';
import { OptionError } from './optionError.ts';

const SHARED = {
  host: { type: 'string', short: 'H' },
  format: { type: 'string' },
} as const satisfies ParseArgsOptionsConfig;

/** @throws OptionError for an unknown flag */
export function parseFlags<const T extends ParseArgsOptionsConfig>(
  name: string,
  args: readonly string[],
  own: T,
) {
  try {
    const options = { ...SHARED, ...own };
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    // Node adds hints after the first sentence, and on further lines.
    const text = error instanceof Error ? error.message : String(error);
    throw new OptionError(`${text.split(/\.? To specify |\n/)[0]}\nSee 'shiplog ${name} --help'.`);
  }
}

/** @throws OptionError for an address or a format that is none */
export function connect(
  { host, format }: { readonly host?: string | undefined; readonly format?: string | undefined },
  { env }: Surroundings,
): { readonly client: Client; readonly json: boolean } {
  if (format !== undefined && format !== 'json') {
    throw new OptionError(`unknown format ${JSON.stringify(format)}: there is json alone`);
  }
  const address = host ?? (env['DOCKER_HOST'] || DEFAULT_HOST);
  return { client: createClient(address), json: format === 'json' };
}

/** Asks about a container: a name that nobody has may be that of one that is removed. */
export async function about<T>(ref: string, asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    if (!(error instanceof ClientError) || error.status !== 404) throw error;
    const events = `docker events --since TIME --filter container=${ref}`;
    const hint = `One that is removed goes by its id; '${events}' tells the ids of a name.`;
    throw new ClientError(404, `${error.message}\n${hint}`, { cause: error });
  }
}
