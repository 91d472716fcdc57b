/**
 * The options of the drivers that keep a log in files, checked as Docker checks them at start.
 */

export type LogDriver = 'json-file' | 'local' | 'none';

export interface LogLimits {
  /** Bytes after which the next record starts a new file; undefined: never. */
  readonly maxBytes: number | undefined;
  /** Files kept, the one that is written included. */
  readonly maxFiles: number;
  /** Whether files that are not written any more are compressed. */
  readonly compress: boolean;
}

type Options = Readonly<Record<string, string>>;

const units = ['', 'k', 'm', 'g', 't', 'p'];

/** `10m` is 10 000 000, and so is `10MiB`. Throws `Error` with Docker's text for no size. */
function sizeOf(text: string): number {
  const match = /^(\d+(?:\.\d+)*) ?([kmgtp]?)i?b?$/i.exec(text);
  if (match === null) throw new Error(`invalid size: '${text}'`);
  const power = units.indexOf((match[2] ?? '').toLowerCase());
  return Math.trunc(Number(match[1]) * 1000 ** power);
}

function countOf(text: string): number {
  if (/^[+-]?\d+$/.test(text)) return Number(text);
  throw new Error(`strconv.Atoi: parsing "${text}": invalid syntax`);
}

const yes = ['1', 't', 'T', 'true', 'TRUE', 'True'];
const no = ['0', 'f', 'F', 'false', 'FALSE', 'False'];

function yesNoOf(text: string): boolean {
  if (yes.includes(text)) return true;
  if (no.includes(text)) return false;
  throw new Error(`strconv.ParseBool: parsing "${text}": invalid syntax`);
}

/** Text of an error under which somebody else's goes on. */
function within<T>(prefix: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new Error(`${prefix}: ${error.message}`, { cause: error });
  }
}

function jsonFileLimits(options: Options): LogLimits {
  const { 'max-size': size, 'max-file': files, compress: asked } = options;
  const maxBytes = size === undefined ? undefined : sizeOf(size);
  if (maxBytes !== undefined && maxBytes <= 0) {
    throw new Error('max-size must be a positive number');
  }
  const maxFiles = files === undefined ? 1 : countOf(files);
  if (maxFiles < 1) throw new Error('max-file cannot be less than 1');
  const compress = asked === undefined ? false : yesNoOf(asked);
  if (compress && (maxFiles < 2 || maxBytes === undefined)) {
    throw new Error('compress cannot be true when max-file is less than 2 or max-size is not set');
  }
  return { maxBytes, maxFiles, compress };
}

const localDefaults = { maxBytes: 20_000_000, maxFiles: 5, compress: true };

function localLimits(options: Options): LogLimits {
  const { 'max-size': size, 'max-file': files, compress: asked } = options;
  const limits = {
    maxBytes:
      size === undefined
        ? localDefaults.maxBytes
        : within(`invalid value for max-size: ${size}`, () => sizeOf(size)),
    maxFiles:
      files === undefined
        ? localDefaults.maxFiles
        : within(`invalid value for max-file: ${files}`, () => countOf(files)),
    compress:
      asked === undefined
        ? localDefaults.compress
        : within('error reading compress log option', () => yesNoOf(asked)),
  };
  if (limits.compress && limits.maxFiles <= 1) {
    throw new Error('compression cannot be enabled when max file count is 1');
  }
  if (limits.maxFiles < 1) throw new Error('max file count must be at least 1');
  return limits;
}

/** Throws `Error` with Docker's text. */
export function logLimits(driver: LogDriver, options: Options): LogLimits {
  return driver === 'local' ? localLimits(options) : jsonFileLimits(options);
}
