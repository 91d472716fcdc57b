/** `shiplog status`: one look at the daemon, for people and for scripts. */
import type { NativeStatus } from '../../api/openapi.gen.ts';
import { ATTENTION, type Command, OK } from '../command.ts';
import { connect, parseFlags } from '../connect.ts';
import { columns, counted, moment, waitingLine } from '../layout.ts';

export const status: Command = {
  name: 'status',
  usage: 'status',
  text: `Says whether the daemon is ready, whether containerd and the stdio process are there and
since when not, what was asked and is not done, which containers wait for what, and what the last
comparison with containerd found.

Exit status: 0 all is well; 2 something needs attention: not ready, a neighbour is away, an actor
was given up for a bug of the daemon, or log and containerd differ; 1 the daemon does not answer.`,
  flags: [],
  examples: ['shiplog status', "shiplog status --format json | jq '.waiting'"],
  async run(argv, around) {
    const { values } = parseFlags('status', argv, {});
    const { client, json } = connect(values, around);
    const answer = await client.status();
    around.print(json ? JSON.stringify(answer) : shown(answer));
    return needsAttention(answer) ? ATTENTION : OK;
  },
};

function needsAttention({ ready, containerd, stdio, stoppedActors, reconcile }: NativeStatus) {
  const away = !containerd.connected || !stdio.connected;
  const differs = (reconcile?.differences.length ?? 0) > 0;
  return !ready || away || stoppedActors.length > 0 || differs;
}

function neighbour({ connected, awaySince }: NativeStatus['stdio']): string {
  return connected ? 'connected' : `away since ${awaySince === null ? '?' : moment(awaySince)}`;
}

/** Everything that `status` says, as text. */
export function shown(answer: NativeStatus): string {
  const { version, position, ready, containerd, stdio, agenda, waiting, stoppedActors } = answer;
  const { effects, timers, exits } = agenda;
  const rows = [
    ['daemon', `${version}, ${ready ? 'ready' : 'not ready'}`],
    ['log', `position ${position}`],
    ['containerd', `${neighbour(containerd)}, ${containerd.version} at ${containerd.address}`],
    ['namespace', containerd.namespace],
    ['stdio', neighbour(stdio)],
    [
      'open',
      [counted(effects, 'step'), counted(timers, 'timer'), counted(exits, 'awaited end')].join(
        ', ',
      ),
    ],
    ['compared', compared(answer)],
  ];
  return [
    columns(rows),
    ...stoppedActors.map(({ stream, reason }) => `stopped: ${stream}: ${reason}\n`),
    ...(answer.reconcile?.differences ?? []).map(({ sentence }) => `differs: ${sentence}\n`),
    ...waiting.map(({ name, state, waitsFor }) => {
      return `waits: container ${name} (${state}): ${waitingLine(waitsFor)}\n`;
    }),
  ].join('');
}

function compared({ reconcile }: NativeStatus): string {
  if (reconcile === null) return 'not yet';
  const { at, checked, differences } = reconcile;
  const found =
    differences.length === 0 ? 'no difference' : counted(differences.length, 'difference');
  return `${moment(at)}, ${counted(checked, 'container')}, ${found}`;
}
