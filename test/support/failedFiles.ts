/**
 * A reporter for node's test runner: the paths of the files in which something failed, a line each.
 * cli/test.sh runs those once more, alone.
 */
import type { TestEvent } from 'node:test/reporters';

export default async function* failedFiles(events: AsyncIterable<TestEvent>) {
  const files = new Set<string>();
  for await (const { type, data } of events) {
    if (type === 'test:fail' && data.file !== undefined) files.add(data.file);
  }
  for (const file of files) yield `${file}\n`;
}
