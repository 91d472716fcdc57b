/** Which boundaries the operations come by: each is carried out once without a crash. */
import * as asks from './asks.ts';
import { assertConverges } from './invariants.ts';
import { OPERATIONS } from './operations.ts';
import { EFFECTS, effectOf, type Point, pointsOf } from './points.ts';
import type { Stage } from './stage.ts';

/** Every point there is. @param told of each operation and how many points it has */
export async function recordPoints(
  stage: Stage,
  told: (operation: string, points: number) => void = () => undefined,
): Promise<readonly Point[]> {
  const all: Point[] = [];
  for (const [at, operation] of OPERATIONS.entries()) {
    const name = `recorded-${at}`;
    await stage.prepare(operation, name);
    await operation.ask(stage.daemon, name);
    await assertConverges(stage.daemon);
    const points = pointsOf(operation.name, stage.visits()).filter(
      (point) => operation.unsteady?.includes(effectOf(point)) !== true,
    );
    told(operation.name, points.length);
    all.push(...points);
    if ((await asks.statusOf(stage.daemon, name)) !== 'absent') {
      await asks.remove('?force=1')(stage.daemon, name);
    }
    await operation.clear?.(stage.daemon, name);
  }
  await assertConverges(stage.daemon);
  return all;
}

/** Effects of the registry that no operation comes by. */
export function unreached(points: readonly Point[]): readonly string[] {
  const reached = new Set(points.map(effectOf));
  return EFFECTS.filter((effect) => !reached.has(effect));
}
