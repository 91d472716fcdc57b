/**
 * `GET /shiplog/v1/containers/{id}/why`: why a container is as it is. The answer in a few
 * sentences, and the chain behind it: who asked, what was decided, what was done, and what came of
 * it. Pure but for the handler.
 */
import { waitingOf } from '../../machines/container.waiting.ts';
import type { ContainerDetails } from '../../projections/views.ts';
import type { NativeWhy } from '../openapi.gen.ts';
import { type Handler, json } from '../request.ts';
import { rfc3339Fixed } from '../time.ts';
import { found } from './lookup.ts';
import type { WhyFact } from './ports.ts';
import { answer } from './why.answer.ts';
import { isToldBeside } from './why.beside.ts';
import { healthJson, healthOf } from './why.health.ts';
import type { Names } from './why.phrases.ts';
import { sentence } from './why.words.ts';
import { waitingJson } from './wire.ts';

/** Links of the chain that are told; the first one is always that of the creation. */
const MOST_LINKS = 40;
/** Of execs and health among them. */
const MOST_BESIDE = 20;

/** Of a task only what the container's own facts do not say again. */
const TOLD_OF_TASKS: readonly string[] = ['task.created'];

const isOwn = ({ type }: WhyFact): boolean =>
  type.startsWith('container.') ? !type.endsWith('.retry-due') : TOLD_OF_TASKS.includes(type);

const runOf = ({ type, data }: WhyFact): number =>
  type === 'container.start-requested' ? Number(data['run']) : 0;

/** The creation, and all from the beginning of the last run on. */
function links(facts: readonly WhyFact[]): readonly WhyFact[] {
  const own = facts.filter(isOwn);
  const begun = own.findLastIndex((fact) => runOf(fact) > 0);
  const [first] = own;
  if (first === undefined) return [];
  const from = own[begun]?.position ?? first.position;
  const beside = facts.filter((fact) => isToldBeside(fact) && fact.position > from);
  const rest = [...own.slice(Math.max(begun, 1)).slice(-MOST_LINKS), ...beside.slice(-MOST_BESIDE)];
  return [first, ...rest.toSorted((a, b) => a.position - b.position)];
}

/** The effect that a fact is the answer to, if that was asked by one of these. */
function answered(facts: ReadonlyMap<number, WhyFact>, { cause }: WhyFact): string | null {
  const [position, index] = (cause.effect ?? '').split('.').map(Number);
  return facts.get(position ?? 0)?.effects[index ?? 0]?.type ?? null;
}

function link(fact: WhyFact, facts: ReadonlyMap<number, WhyFact>, names: Names) {
  const { position, stream, atNs, type, caller, cause } = fact;
  return {
    position,
    stream,
    at: rfc3339Fixed(atNs),
    fact: type,
    state: fact.phase,
    sentence: sentence(fact, names),
    by: caller,
    command: cause.command ?? null,
    request: cause.request ?? null,
    effect: answered(facts, fact),
    observation: cause.observation ?? null,
  };
}

/** @param facts of the container and what is its, by position; the oldest may be missing */
export function why(
  details: ContainerDetails,
  facts: readonly WhyFact[],
  daemon: readonly WhyFact[],
  names: Names,
): Pick<NativeWhy, 'answer' | 'health' | 'chain'> {
  const byPosition = new Map(facts.map((fact) => [fact.position, fact]));
  const health = healthOf(facts);
  return {
    answer: answer({ details, facts, daemon, names }),
    health: health === null ? null : healthJson(health),
    chain: links(facts).map((fact) => link(fact, byPosition, names)),
  };
}

export const whyHandler: Handler = ({ ports }, request) => {
  const details = found(ports, request.params['id'] ?? '');
  const { native } = ports;
  const { id, name, phase } = details;
  const waits = waitingOf(phase, native.openRowsOf(details));
  const names = {
    user: native.userName,
    network: (network: string) => ports.networks.queries.get(network)?.name,
  };
  const told = why(details, native.family(id), native.daemonFacts(), names);
  const waitsFor = waits === null ? null : waitingJson(waits);
  const body: NativeWhy = { id, name, state: phase, ...told, waitsFor };
  return json(body);
};
