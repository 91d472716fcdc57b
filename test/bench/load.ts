/** `docker load` without docker. */
import { request } from 'node:http';
import { text } from 'node:stream/consumers';

/** Throws with the answer if it is not loaded. */
export function loadInto(socketPath: string, archive: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, method: 'POST', path: '/images/load' }, (answer) => {
      text(answer).then((told) => {
        if (answer.statusCode === 200 && !told.includes('errorDetail')) resolve();
        else reject(new Error(`not loaded: ${told}`));
      }, reject);
    });
    sent.on('error', reject).setHeader('Content-Type', 'application/x-tar');
    sent.end(archive);
  });
}
