/**
 * Every effect that a machine may ask for, and how it is done: handler, deadline, lane, class,
 * tries and what takes it back. The type demands a row for each; the numbers stand with the
 * handlers.
 *
 * | effect          | deadline | lane   | class  | undone by       |
 * | --------------- | -------- | ------ | ------ | --------------- |
 * | root.prepare    | 60 s     | serial | begin  | container.erase |
 * | run.adopt       | 10 s     | serial | signal | not at all      |
 * | task.create     | 60 s     | serial | begin  | run.clean       |
 * | task.start      | 30 s     | serial | start  | run.clean       |
 * | task.await-exit | none     | own    | look   | only looks      |
 * | task.kill       | 10 s     | serial | signal | not at all      |
 * | task.pause      | 10 s     | serial | signal | task.resume     |
 * | task.resume     | 10 s     | serial | signal | task.pause      |
 * | run.record      | 10 s     | serial | signal | not at all      |
 * | run.clean       | 30 s     | serial | end    | not at all      |
 * | container.erase | 30 s     | serial | end    | not at all      |
 * | exec.start      | 30 s     | serial | exec   | exec.clean      |
 * | exec.await-exit | none     | own    | look   | only looks      |
 * | exec.clean      | 30 s     | serial | end    | not at all      |
 * | health.watch    | none     | own    | look   | leaves nothing  |
 * | health.clean    | 30 s     | own    | end    | not at all      |
 * | image.publish   | 60 s     | serial | begin  | image.remove    |
 * | image.tag       | 30 s     | serial | begin  | image.untag     |
 * | image.untag     | 30 s     | serial | end    | image.tag       |
 * | image.remove    | 120 s    | serial | end    | not at all      |
 * | volume.prepare  | 30 s     | serial | begin  | volume.erase    |
 * | volume.erase    | 120 s    | serial | end    | not at all      |
 * | network.create  | 30 s     | serial | begin  | network.remove  |
 * | network.remove  | 30 s     | serial | end    | network.create  |
 * | endpoint.attach | 30 s     | serial | begin  | endpoint.detach |
 * | endpoint.detach | 30 s     | serial | end    | endpoint.attach |
 */
import { containerErase } from './container/containerErase.ts';
import type { ContainerDeps } from './container/deps.ts';
import { rootPrepare } from './container/rootPrepare.ts';
import { runAdopt } from './container/runAdopt.ts';
import { runClean } from './container/runClean.ts';
import { runRecordAgain } from './container/runRecordAgain.ts';
import { taskAwaitExit } from './container/taskAwaitExit.ts';
import { taskCreate } from './container/taskCreate.ts';
import { taskPause, taskResume } from './container/taskFreeze.ts';
import { taskKill } from './container/taskKill.ts';
import { taskStart } from './container/taskStart.ts';
import { taskUpdate } from './container/taskUpdate.ts';
import { execAwaitExit } from './exec/execAwaitExit.ts';
import { execClean } from './exec/execClean.ts';
import { execStart } from './exec/execStart.ts';
import { makeExitReads } from './exec/exitReads.ts';
import type { Registry } from './handler.ts';
import { healthClean } from './health/healthClean.ts';
import { healthWatch } from './health/healthWatch.ts';
import type { ImageHandlers } from './images/handlers.ts';
import {
  endpointAttach,
  endpointDetach,
  networkCreate,
  networkRemove,
} from './network/networkEffects.ts';
import { volumeErase, volumePrepare } from './volumes/handlers.ts';

export interface RegistryDeps extends ContainerDeps {
  readonly images: ImageHandlers;
}

export function makeRegistry(deps: RegistryDeps): Registry {
  const reads = makeExitReads();
  return {
    'root.prepare': rootPrepare(deps),
    'run.adopt': runAdopt(deps),
    'task.create': taskCreate(deps),
    'task.start': taskStart(deps),
    'task.await-exit': taskAwaitExit(deps),
    'task.kill': taskKill(deps),
    'task.pause': taskPause(deps),
    'task.resume': taskResume(deps),
    'task.update': taskUpdate(deps),
    'run.record': runRecordAgain(deps),
    'run.clean': runClean(deps, reads),
    'container.erase': containerErase(deps),
    'exec.start': execStart(deps, reads),
    'exec.await-exit': execAwaitExit(deps, reads),
    'exec.clean': execClean(deps, reads),
    'health.watch': healthWatch(deps),
    'health.clean': healthClean(deps),
    'network.create': networkCreate(deps),
    'network.remove': networkRemove(deps),
    'endpoint.attach': endpointAttach(deps),
    'endpoint.detach': endpointDetach(deps),
    ...deps.images,
    'volume.prepare': volumePrepare(deps),
    'volume.erase': volumeErase(deps),
  };
}
