/** The only place where gRPC's statuses become ours, and ours become the outcome of an effect. */
import { status } from '@grpc/grpc-js';
import { EffectFailure } from '../failure.ts';

/**
 * `cancelled` is our own abort; a call that containerd itself broke off is `unavailable`.
 * `unknown` is what most refusals of the shim and the runtime come as: the text says why.
 */
export type ContainerdErrorCode =
  | 'cancelled'
  | 'unknown'
  | 'invalid-argument'
  | 'deadline'
  | 'not-found'
  | 'already-exists'
  | 'permission-denied'
  | 'resource-exhausted'
  | 'failed-precondition'
  | 'aborted'
  | 'out-of-range'
  | 'unimplemented'
  | 'internal'
  | 'unavailable'
  | 'data-loss';

const codes: Readonly<Record<number, ContainerdErrorCode>> = {
  [status.CANCELLED]: 'unavailable',
  [status.UNKNOWN]: 'unknown',
  [status.INVALID_ARGUMENT]: 'invalid-argument',
  [status.DEADLINE_EXCEEDED]: 'deadline',
  [status.NOT_FOUND]: 'not-found',
  [status.ALREADY_EXISTS]: 'already-exists',
  [status.PERMISSION_DENIED]: 'permission-denied',
  [status.UNAUTHENTICATED]: 'permission-denied',
  [status.RESOURCE_EXHAUSTED]: 'resource-exhausted',
  [status.FAILED_PRECONDITION]: 'failed-precondition',
  [status.ABORTED]: 'aborted',
  [status.OUT_OF_RANGE]: 'out-of-range',
  [status.UNIMPLEMENTED]: 'unimplemented',
  [status.INTERNAL]: 'internal',
  [status.UNAVAILABLE]: 'unavailable',
  [status.DATA_LOSS]: 'data-loss',
};

export class ContainerdError extends Error {
  readonly code: ContainerdErrorCode;

  constructor(code: ContainerdErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ContainerdError';
    this.code = code;
  }
}

/** Whether the error is containerd's and has one of the codes. */
export function isContainerdError(
  error: unknown,
  ...wanted: readonly ContainerdErrorCode[]
): error is ContainerdError {
  if (!(error instanceof ContainerdError)) return false;
  return wanted.length === 0 || wanted.includes(error.code);
}

/**
 * Any error of a gRPC call as ours; the text is containerd's own, without gRPC's number before
 * it.
 */
export function toContainerdError(error: unknown): ContainerdError {
  if (error instanceof ContainerdError) return error;
  if (!(error instanceof Error)) return new ContainerdError('unknown', String(error));
  const code = 'code' in error && typeof error.code === 'number' ? error.code : status.UNKNOWN;
  const text = 'details' in error && typeof error.details === 'string' ? error.details : '';
  const message = text === '' ? error.message : text;
  return new ContainerdError(codes[code] ?? 'unknown', message, { cause: error });
}

/** Texts of calls that broke off in the middle: the shim or the transport went, nobody knows. */
const brokenOff = /ttrpc: closed|transport is closing|context deadline exceeded|RST_STREAM/;

/** What an effect handler throws. Anything that is not containerd's is passed on as `failed`. */
export function toEffectFailure(error: unknown): EffectFailure {
  if (error instanceof EffectFailure) return error;
  const ours = toContainerdError(error);
  return new EffectFailure(kindOf(ours), ours.message, { cause: error });
}

function kindOf(error: ContainerdError): EffectFailure['kind'] {
  if (error.code === 'unavailable') return 'unavailable';
  if (error.code === 'deadline' || error.code === 'cancelled') return 'deadline';
  return brokenOff.test(error.message) ? 'deadline' : 'failed';
}
