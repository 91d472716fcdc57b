/** The rows of the table as routes: each throws the error that it names. */
import { type ApiError, apiError } from '../errors.ts';
import type { ApiRequest } from '../request.ts';
import type { Route } from '../router.ts';
import { NOT_SERVED, type NotServed } from './table.ts';

function errorOf({ answer, what }: NotServed, { params }: ApiRequest): ApiError {
  switch (answer) {
    case 'unsupported':
      return apiError(answer, { what });
    case 'no-such-plugin':
      return apiError(answer, { name: params['name'] ?? '' });
    default:
      return apiError(answer, {});
  }
}

export const notServedRoutes: readonly Route[] = NOT_SERVED.map((row) => ({
  method: row.method,
  path: row.path,
  handler(_context, request) {
    throw errorOf(row, request);
  },
}));
