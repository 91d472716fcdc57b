/**
 * What a container's actor remembers of each fact, and what its transitions are guarded by: the
 * named actions and guards that container.machine.ts refers to.
 */
import { assertEvent, assign, setup } from 'xstate';
import { type HostConfig, withLabels } from './container.config.ts';
import { type ContainerContext, UNBORN } from './container.context.ts';
import * as ask from './container.effects.ts';
import type { ContainerFact } from './container.facts.ts';
import { attachmentsOf, withoutAttachment } from './container.networks.ts';

/** XState takes a fact with its data spread beside the type. */
export type ContainerEvent = {
  [F in ContainerFact as F['type']]: { type: F['type'] } & F['data'];
}[ContainerFact['type']];

export const containerSetup = setup({
  types: { context: {} as ContainerContext, events: {} as ContainerEvent },
  actions: {
    ...ask.noEffects,
    /** A fact that is legal here and changes nothing but the record. */
    noted: assign({}),
    born: assign(({ event }) => {
      assertEvent(event, 'container.create-requested');
      const { id, name, image, config, hostConfig, env, platform } = event;
      const known = { id, name, image, config, hostConfig, env, platform };
      const { networks, mounts, custom } = event;
      const plugs = networks === undefined ? {} : { networks };
      const own = custom === undefined ? {} : { custom };
      const mounted = mounts === undefined ? {} : { mounts };
      return { ...UNBORN, ...known, ...plugs, ...mounted, ...own };
    }),
    /** Its only run is the one that it was found in. */
    bornAdopted: assign(({ event }) => {
      assertEvent(event, 'container.adopt-requested');
      const { id, name, image, config, hostConfig, platform, unknown } = event;
      const known = { id, name, image, config, hostConfig, platform };
      return { ...UNBORN, ...known, run: 1, adopted: { unknown } };
    }),
    /** It was never ours: nothing of it is kept. */
    unborn: assign(UNBORN),
    adoptedRuns: assign(({ event }) => {
      assertEvent(event, 'container.adopted');
      return { everStarted: true, pid: event.pid, startedAtNs: event.atNs };
    }),
    runOpened: assign(({ event }) => {
      assertEvent(event, 'container.start-requested');
      const { run, runtime, restart, policy, donors, endpoints, networkFailure } = event;
      const fresh = { lastFailure: null, asked: null, restartWith: null, signals: 0 };
      const forgotten = policy ? {} : { restartCount: 0, backoffMs: 0 };
      const ours = { restarting: restart, policyCancelled: false, startedAtNs: null };
      const joined = donors === undefined ? {} : { donors };
      const places = { endpoints, networkFailure, oomKills: undefined, putOffMs: undefined };
      return { run, runtime, ...fresh, ...forgotten, ...ours, ...joined, ...places };
    }),
    runStarted: assign(({ event }) => {
      assertEvent(event, 'container.started');
      const { pid, atNs } = event;
      return { everStarted: true, pid, restarting: false, startedAtNs: atNs };
    }),
    failureKept: assign(({ event }) => {
      assertEvent(event, ['container.start-failed', 'container.start-refused']);
      const { message, exitCode } = event;
      return { lastFailure: { message, exitCode }, restarting: false, pid: 0 };
    }),
    stopAsked: assign({ asked: 'stop', restartWith: null, policyCancelled: true }),
    restartAsked: assign(({ event }) => {
      assertEvent(event, 'container.restart-requested');
      return { asked: 'restart' as const, restartWith: event.runtime };
    }),
    stopGivenUp: assign({ asked: null, restartWith: null }),
    policyKept: assign({
      policyCancelled: ({ context, event }) =>
        context.policyCancelled || (event.type === 'container.kill-requested' && event.endsPolicy),
    }),
    signalSent: assign({ signals: ({ context }) => context.signals + 1 }),
    signalDone: assign({ signals: ({ context }) => Math.max(0, context.signals - 1) }),
    exitKept: assign(({ event }) => {
      assertEvent(event, 'container.exited');
      const { code, atNs, oomKilled, outputEnded, evidence } = event;
      const lastExit = { code, atNs, oomKilled, outputEnded, evidence };
      const { next } = event;
      const put = next === null ? {} : { restartCount: next.count, backoffMs: next.inMs };
      return { asked: null, pid: 0, signals: 0, lastExit, ...put };
    }),
    putOff: assign(({ context, event }) => {
      assertEvent(event, 'container.restart-postponed');
      return { putOffMs: (context.putOffMs ?? 0) + event.inMs };
    }),
    killsKept: assign(({ event }) => {
      assertEvent(event, 'container.oom-killed');
      return { oomKills: event.kills };
    }),
    removalKept: assign(({ event }) => {
      assertEvent(event, 'container.remove-requested');
      const removal = { force: event.force, volumes: event.volumes };
      return { removal, restartWith: null, asked: 'remove' as const };
    }),
    updateAsked: assign({ updating: true }),
    changesTaken: assign(({ context, event }) => {
      assertEvent(event, 'container.updated');
      const { restartPolicy, resources, labels } = event;
      const policy = restartPolicy === undefined ? {} : { RestartPolicy: restartPolicy };
      const hostConfig: HostConfig = { ...context.hostConfig, ...resources, ...policy };
      const { config } = context;
      const relabelled =
        labels === undefined
          ? {}
          : { config: { ...config, Labels: withLabels(config.Labels, labels) } };
      const done = context.updating === true ? { updating: false } : {};
      return { hostConfig, ...relabelled, ...done };
    }),
    placesFreed: assign({ endpoints: undefined, networkFailure: undefined }),
    attachmentKept: assign(({ context, event }) => {
      assertEvent(event, 'container.attachment-added');
      return { networks: [...attachmentsOf(context), event.attachment] };
    }),
    attachmentDropped: assign(({ context, event }) => {
      assertEvent(event, 'container.attachment-removed');
      return { networks: withoutAttachment(context, event) };
    }),
    placeTaken: assign(({ context, event }) => {
      assertEvent(event, 'container.connect-requested');
      const { attachment, endpoint } = event;
      return {
        networks: [...attachmentsOf(context), attachment],
        endpoints: event.endpoints ?? [...(context.endpoints ?? []), endpoint],
        connects: (context.connects ?? 0) + 1,
      };
    }),
    placesMoved: assign(({ context, event }) => {
      assertEvent(event, 'container.disconnect-requested');
      return { endpoints: event.endpoints ?? context.endpoints };
    }),
    placeLost: assign(({ context, event }) => {
      assertEvent(event, ['container.connect-failed', 'container.disconnected']);
      const { endpoints = [] } = 'endpoints' in event ? event : context;
      const lost = context.endpoints?.find(({ network }) => network === event.network);
      if (lost === undefined) return {};
      return {
        networks: withoutAttachment(context, lost),
        endpoints: endpoints.filter(({ network }) => network !== lost.network),
      };
    }),
    updateGivenUp: assign({ updating: false }),
    cleanStuck: assign({ stuckIn: 'clean' }),
    eraseStuck: assign({ stuckIn: 'erase' }),
    nameTaken: assign(({ event }) => {
      assertEvent(event, 'container.renamed');
      return { name: event.name };
    }),
  },
  guards: {
    bounded: ({ event }) => 'timeoutMs' in event && event.timeoutMs !== null,
    kills: ({ event }) => event.type === 'container.kill-requested' && event.signal === ask.SIGKILL,
    ranBefore: ({ context }) => context.everStarted,
    mayComeAgain: ({ event }) => event.type === 'container.adopt-failed' && event.again === true,
    alive: ({ event }) => event.type === 'container.adopted' && event.alive,
    rootLater: ({ event }) =>
      event.type === 'container.create-requested' && event.rootLater === true,
    goesOn: ({ event }) => event.type === 'container.exited' && event.next !== null,
    erasing: ({ event }) => event.type === 'container.retry-due' && event.step === 'erase',
  },
});
