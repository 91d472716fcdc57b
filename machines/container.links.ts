/**
 * Links of the default bridge: `container`, `container:alias`, or `/container:/own/alias` as
 * inspect shows them. On networks of one's own making they are names like any other.
 */
import type { HostConfig } from './container.config.ts';
import type { ContainerContext } from './container.context.ts';
import type { View } from './decision.ts';
import type { ActorState } from './words.ts';

export interface Link {
  /** Name or id of the other. */
  readonly container: string;
  readonly alias: string;
}

/** undefined: it is none. */
export function parseLink(text: string): Link | undefined {
  const parts = text.split(':');
  const [container = '', alias = container] = parts.map((part) => part.replace(/^.*\//, ''));
  return container === '' || parts.length > 2 ? undefined : { container, alias };
}

/** Of the container; in networks of one's own making they are no more than names. */
export function linksOf({ NetworkMode, Links }: HostConfig): readonly Link[] {
  if (!['', 'default', 'bridge', 'none'].includes(NetworkMode) || !Array.isArray(Links)) return [];
  return Links.flatMap((one) => parseLink(String(one)) ?? []);
}

const LIVES = new Set(['running', 'pausing', 'paused', 'unpausing', 'stopping']);

/** Why it can not start, in docker's words: who it is linked to is not there to be found. */
export function linkProblem(view: View, context: ContainerContext): string | undefined {
  if (context.hostConfig.NetworkMode === 'none') return undefined;
  for (const { container, alias } of linksOf(context.hostConfig)) {
    const holder = view.holder({ kind: 'name', key: container });
    const state = view.state(holder ?? `container/${container}`);
    // One that was removed is no link any more.
    if (state === undefined || state.value === 'removed') continue;
    const { name, endpoints = [] } = state.context as ContainerContext;
    if (!lives(state)) {
      return `Cannot link to a non running container: /${name} AS /${context.name}/${alias}`;
    }
    if (!endpoints.some((one) => one.name === 'bridge')) {
      return `Cannot link to /${name}, as it does not belong to the default network`;
    }
  }
  return undefined;
}

const lives = ({ value }: ActorState): boolean =>
  LIVES.has(typeof value === 'string' ? value : (Object.keys(Object(value))[0] ?? ''));
