/** `GET /containers/{id}/top`: the processes in a container, as the host's `ps` lists them. */
import { apiError } from '../errors.ts';
import { type Handler, json } from '../request.ts';
import { container } from './lookup.ts';

const DEFAULT = '-ef';

export const top: Handler = async ({ ports }, request) => {
  const { id, status } = container(ports, request.params['id'] ?? '');
  if (status === 'restarting') throw apiError('is-restarting', { id });
  if (status !== 'running' && status !== 'paused') throw apiError('container-not-running', { id });
  const asked = request.query.get('ps_args') ?? '';
  const { titles, processes } = await ports.processes.table(id, asked === '' ? DEFAULT : asked);
  ports.tell({ subject: `container/${id}`, action: 'top', attributes: {} });
  return json({ Titles: titles, Processes: processes });
};
