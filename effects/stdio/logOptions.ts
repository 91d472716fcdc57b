/**
 * The options of the json-file driver that bound its size, checked as Docker checks them at start.
 */

export interface LogLimits {
  /** Bytes after which the next record starts a new file; undefined: never. */
  readonly maxBytes: number | undefined;
  /** Files kept, the one that is written included. */
  readonly maxFiles: number;
}

const units = ['', 'k', 'm', 'g', 't', 'p'];

/** `10m` is 10 000 000. Throws `Error` with Docker's text for what is not a size. */
function sizeOf(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s?([kmgtp]?)b?$/i.exec(text.trim());
  if (match === null) throw new Error(`invalid size: '${text}'`);
  const power = units.indexOf((match[2] ?? '').toLowerCase());
  return Math.trunc(Number(match[1]) * 1000 ** power);
}

/** Throws `Error` with Docker's text. */
export function logLimits(options: Readonly<Record<string, string>>): LogLimits {
  const size = options['max-size'];
  const files = options['max-file'];
  const unlimited = size === undefined || size === '-1';
  const maxBytes = unlimited ? undefined : sizeOf(size);
  if (maxBytes !== undefined && maxBytes <= 0) {
    throw new Error('max-size must be a positive number');
  }
  const maxFiles = files === undefined ? 1 : Number(files);
  if (!Number.isInteger(maxFiles)) {
    throw new Error(`strconv.Atoi: parsing "${files}": invalid syntax`);
  }
  if (maxFiles < 1) throw new Error('max-file cannot be less than 1');
  if (options['compress'] === 'true' && (maxFiles < 2 || maxBytes === undefined)) {
    throw new Error('compress cannot be true when max-file is less than 2 or max-size is not set');
  }
  return { maxBytes, maxFiles };
}
