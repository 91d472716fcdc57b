/** `network.create`, `network.remove`, `endpoint.attach`, `endpoint.detach`. */
import { defineHandler } from '../container/define.ts';
import type { ContainerDeps } from '../container/deps.ts';
import { renewNetworkFiles } from '../container/liveFiles.ts';
import type { Handler } from '../handler.ts';

const BEGINS = { deadlineMs: 30_000, lane: 'serial', class: 'begin', tries: 3 } as const;
const ENDS = { deadlineMs: 30_000, lane: 'serial', class: 'end', tries: 3 } as const;

export function networkCreate({ network }: ContainerDeps): Handler<'network.create'> {
  return defineHandler({ ...BEGINS, undo: 'network.remove' }, async ({ subject }) => {
    await network.createNetwork(subject);
    return {};
  });
}

export function networkRemove({ network }: ContainerDeps): Handler<'network.remove'> {
  return defineHandler({ ...ENDS, undo: 'network.create' }, async ({ subject }) => {
    await network.removeNetwork(subject);
    return {};
  });
}

export function endpointAttach(deps: ContainerDeps): Handler<'endpoint.attach'> {
  return defineHandler({ ...BEGINS, undo: 'endpoint.detach' }, async ({ params, subject }) => {
    await deps.network.attach(subject, params.network);
    await renewNetworkFiles(deps, subject);
    return {};
  });
}

export function endpointDetach(deps: ContainerDeps): Handler<'endpoint.detach'> {
  return defineHandler({ ...ENDS, undo: 'endpoint.attach' }, async ({ params, subject }) => {
    await deps.network.detach(subject, params.network);
    await renewNetworkFiles(deps, subject, params.network);
    return {};
  });
}
