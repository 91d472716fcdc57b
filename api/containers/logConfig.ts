/**
 * What dockerd says at create about a container's log: drivers and options that there are not, and
 * how output meets the driver. The values of the other options are looked at by the start.
 */
import { apiError } from '../errors.ts';
import type { LogConfig } from '../openapi.gen.ts';

/** Options of dockerd around every driver, for which there is nothing to do here. */
const AROUND = [
  'mode',
  'max-buffer-size',
  'cache-disabled',
  'cache-max-size',
  'cache-max-file',
  'cache-compress',
];
const FILES = ['max-size', 'max-file', 'compress'];
const OPTIONS: Readonly<Record<string, readonly string[]>> = {
  'json-file': [...FILES, 'labels', 'labels-regex', 'env', 'env-regex', 'tag'],
  local: FILES,
};

const invalid = (message: string) => apiError('invalid-create', { message });

/**
 * Output never waits for a log here, so both modes are the same; wrong ones are wrong all the same.
 */
function checkMode(options: Readonly<Record<string, string>>): void {
  const { mode = '', 'max-buffer-size': size } = options;
  if (!['', 'blocking', 'non-blocking'].includes(mode))
    throw invalid(`logger: logging mode not supported: ${mode}`);
  if (size === undefined) return;
  if (mode !== 'non-blocking')
    throw invalid("logger: max-buffer-size option is only supported with 'mode=non-blocking'");
  if (!/^\d+(\.\d+)* ?[kmgtp]?i?b?$/i.test(size))
    throw invalid(`error parsing option max-buffer-size: invalid size: '${size}'`);
}

/** @throws ApiError 400 */
export function checkLogConfig({ Type: type = '', Config: options }: LogConfig): void {
  const driver = type || 'json-file';
  // It looks at no option.
  if (driver === 'none') return;
  const known = OPTIONS[driver];
  if (known === undefined)
    throw invalid(`error looking up logging plugin ${driver}: plugin "${driver}" not found`);
  checkMode(options ?? {});
  for (const option of Object.keys(options ?? {})) {
    if (known.includes(option) || AROUND.includes(option)) continue;
    const whose = driver === 'local' ? 'log driver local' : 'json-file log driver';
    throw invalid(`unknown log opt '${option}' for ${whose}`);
  }
}
