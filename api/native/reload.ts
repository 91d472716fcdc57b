/** `POST /shiplog/v1/reload`: the configuration file is read anew, what can change live does. */
import { apiError } from '../errors.ts';
import type { NativeReloadReport } from '../openapi.gen.ts';
import type { Handler } from '../request.ts';
import { json } from '../request.ts';

export const reload: Handler = async ({ ports }, request) => {
  const outcome = await ports.native.reload(request.info);
  if (outcome.kind === 'refused') throw apiError('not-reloaded', { message: outcome.message });
  const report: NativeReloadReport = outcome.report;
  return json(report);
};
