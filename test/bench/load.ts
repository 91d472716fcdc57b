/** `docker load` without docker. */
import { request } from 'node:http';

export function loadInto(socketPath: string, archive: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, method: 'POST', path: '/images/load' }, (answer) => {
      answer.resume().on('end', resolve).on('error', reject);
    });
    sent.on('error', reject).setHeader('Content-Type', 'application/x-tar');
    sent.end(archive);
  });
}
