/** `POST /shiplog/v1/reconcile`: what differs now, and what was done about it. */
import { jsonBody } from '../body.ts';
import { apiError, refusalError } from '../errors.ts';
import type { NativeReconcileReport } from '../openapi.gen.ts';
import type { Handler } from '../request.ts';
import { json } from '../request.ts';
import type { ReconcileAsked } from './ports.ts';
import { reconcileJson } from './wire.ts';

export const reconcile: Handler = async ({ ports }, request) => {
  const { value } = await jsonBody('NativeReconcileRequest', request);
  const { dryRun = false, adoptAll = false, adopt = [] } = value;
  if (dryRun && (adoptAll || adopt.length > 0)) {
    throw apiError('bad-parameter', { message: 'a dry run adopts nothing: give one of the two' });
  }
  const asked: ReconcileAsked = { dryRun, adopt: adoptAll ? 'all' : adopt };
  const outcome = await ports.native.reconcile(asked, request.info);
  if (outcome.kind === 'refused') {
    throw refusalError(outcome.refusal, { command: 'reconcile', ref: '' });
  }
  const { adopted, notAdopted } = outcome.report;
  const report: NativeReconcileReport = {
    ...reconcileJson(outcome.report),
    dryRun,
    adopted,
    notAdopted,
  };
  return json(report);
};
