/**
 * Steps beside each other, for handlers: resolves when all are over, and only then throws the first
 * failure, so that no step of a try that failed is still at work beside the next try.
 */
export async function together(...steps: readonly Promise<unknown>[]): Promise<void> {
  const results = await Promise.allSettled(steps);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}
