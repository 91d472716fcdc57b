/** A client of a small web server, in whatever network namespace. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Words before a command that run it in the network of a process. */
export const inNetworkOf = (pid: string): readonly string[] => ['nsenter', '-t', pid, '-n'];

/** What a web server says there; empty: nothing. @param within words before the command */
export async function fetchText(
  host: string,
  port: number,
  within: readonly string[] = [],
  seconds = 5,
): Promise<string> {
  const request = `exec 3<>/dev/tcp/${host}/${port} && echo "GET / HTTP/1.0" >&3 && echo >&3 &&
    tail -n 1 <&3`;
  const [program = '', ...args] = [...within, 'timeout', String(seconds), 'bash', '-c', request];
  try {
    return (await execute(program, args)).stdout.trim();
  } catch (error) {
    if (error instanceof Error && 'code' in error && typeof error.code === 'number') return '';
    throw error;
  }
}
