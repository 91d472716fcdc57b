/** `GET /shiplog/v1/status`: answers at once, also while the daemon is not ready. */
import { waitingOf } from '../../machines/container.waiting.ts';
import type { NativeStatus } from '../openapi.gen.ts';
import type { ApiPorts } from '../ports.ts';
import { type Handler, json } from '../request.ts';
import { instant, reconcileJson, waitingJson } from './wire.ts';

function waiting(ports: ApiPorts): NativeStatus['waiting'] {
  return [...ports.native.openRows()].flatMap(([id, rows]) => {
    const details = ports.containers.get(id);
    if (details === undefined) return [];
    const { name, phase } = details;
    const waits = waitingOf(phase, rows);
    return waits === null ? [] : [{ id, name, state: phase, waitsFor: waitingJson(waits) }];
  });
}

function agenda({ native }: ApiPorts): NativeStatus['agenda'] {
  const rows = [...native.openRows().values()].flat();
  const timers = rows.filter(({ type }) => type === 'timer').length;
  const exits = rows.filter(({ type }) => type.endsWith('.await-exit')).length;
  return { effects: rows.length - timers - exits, timers, exits };
}

function body(ports: ApiPorts): NativeStatus {
  const info = ports.daemon.info();
  const { containerd, stdio, stopped, reconciled } = ports.native.status();
  const { version, address, namespace } = info.containerd;
  const away = (ns: string | null) => ({ connected: ns === null, awaySince: instant(ns) });
  return {
    version: info.version,
    position: ports.log.head(),
    ready: ports.daemon.ready(),
    containerd: { ...away(containerd.awaySinceNs), version, address, namespace },
    stdio: away(stdio.awaySinceNs),
    stoppedActors: stopped,
    agenda: agenda(ports),
    reconcile: reconciled === null ? null : reconcileJson(reconciled),
    waiting: waiting(ports),
    subscribers: ports.subscribers.all().map(({ stream, caller, position }) => {
      return { stream, by: caller, position, lag: Math.max(0, ports.log.head() - position) };
    }),
  };
}

export const status: Handler = ({ ports }) => json(body(ports));
