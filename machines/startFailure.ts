/**
 * Which exit code a failed start shows, by the text of the failure. The runtime gives no code, so
 * Docker reads the text; clients depend on 126 (cannot be invoked) and 127 (not found). Pure.
 */

const NOT_FOUND = [
  'executable file not found',
  'no such file or directory',
  'system cannot find the file specified',
  'failed to run runc create/exec call',
] as const;

const DENIED = 'permission denied';
const IS_DIRECTORY = 'is a directory';
/** With the colon before it, so that it is the kernel's answer and not a sentence of ours. */
const NOT_DIRECTORY = ': not a directory';
const MOUNT_HINT =
  'Are you trying to mount a directory onto a file (or vice-versa)? ' +
  'Check if the specified host path exists and is the expected type';

/** Before the runtime was asked: what is missing is the host's and not the container's. */
const OURS = [
  /^(exec: "[^"]*docker-init": |stat |error gathering device information )/,
  /^(error while (mount|creat)ing |volume subpath )/,
];

/** @param message as the runtime gave it, before or after `startFailureMessage`. */
export function startFailureCode(message: string): 126 | 127 | 128 {
  if (OURS.some((known) => known.test(message))) return 128;
  const text = message.toLowerCase();
  if (text.includes(NOT_DIRECTORY)) return 127;
  if (text.includes(DENIED) || text.includes(IS_DIRECTORY)) return 126;
  return NOT_FOUND.some((known) => text.includes(known)) ? 127 : 128;
}

/**
 * The message for inspect and for the caller: the runtime's text, with a hint where it needs one.
 */
export function startFailureMessage(message: string): string {
  const text = message.toLowerCase();
  if (text.includes(NOT_DIRECTORY)) return `${message}: ${MOUNT_HINT}`;
  if (text.includes(IS_DIRECTORY)) return `${message}: ${DENIED}`;
  return message;
}
