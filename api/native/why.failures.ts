/** What the words of a start that failed mean to somebody who reads them for the first time. */

interface Meaning {
  /** Of the message; its groups go to `means`. */
  readonly says: RegExp;
  means(groups: readonly string[]): string;
}

const PORT = String.raw`(\S+?):(\d+)`;

/** The first that fits holds: what is about a runtime may speak of a program as well. */
const MEANINGS: readonly Meaning[] = [
  {
    says: /unknown or invalid runtime name: (\S+)/,
    means: ([name]) =>
      `its runtime ${name} is not in the daemon's configuration any more: put it there again ` +
      '(and run shiplog reload), or create the container anew with another runtime',
  },
  {
    says: /specified runtime path: exec: "([^"]*)"|binary not installed "([^"]*)"/,
    means: ([path, shim]) =>
      `the program of its runtime, ${path ?? shim}, is not on this host: install it again, or ` +
      'create the container anew with another runtime',
  },
  {
    says: new RegExp(`Bind for ${PORT} failed: port is already allocated`),
    means: ([address, port]) =>
      `another container has port ${port} of this host (${address}): stop that one, or publish ` +
      'another port; docker ps shows who has which',
  },
  {
    says: new RegExp(`bind host port ${PORT}\\S*: address already in use`),
    means: ([address, port]) =>
      `another program has port ${port} of this host (${address}): end that one (ss -ltnp shows ` +
      'it), or publish another port',
  },
  {
    says: /exec: "([^"]*)":.*(?:executable file not found|no such file or directory)/,
    means: ([program]) =>
      `there is no program "${program}" in its file system: check the command, and that the ` +
      'image has it',
  },
  {
    says: /exec: "([^"]*)":.*permission denied/,
    means: ([program]) => `"${program}" may not be executed: it is no program, or lacks the right`,
  },
  {
    says: /exec format error/,
    means: () =>
      'this host can not run its program: it is of another kind of processor, or a script ' +
      'without a first line that says what runs it',
  },
  {
    says: /unable to find user (\S+):/,
    means: ([user]) => `its image knows no user ${user}`,
  },
];

/** In plain words where they are known, and always what was said. */
export function failureWords(message: string): string {
  for (const { says, means } of MEANINGS) {
    const found = says.exec(message);
    if (found !== null) return `${means(found.slice(1))}. (What was said: ${message})`;
  }
  return `that did not work: ${message}`;
}
