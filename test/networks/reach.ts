/** What is reached from a network namespace: web servers, and addresses behind names. */
import { run } from '../support/temporaryDaemon.ts';

export interface Server {
  readonly host: string;
  readonly port: number;
  /** How long it may take to answer. */
  readonly seconds: number;
}

export interface Reached {
  /** What each server said, in the order of the questions; empty: nothing. */
  readonly said: readonly string[];
  /** Addresses of each name; none: nobody is called so. */
  readonly addresses: readonly (readonly string[])[];
}

/** One shell asks all questions at the same time. */
const ASK = `
fetch() {
  printf 's %s %s\\n' "$1" "$(timeout "$2" bash -c '
    exec 3<>"/dev/tcp/$0/$1" && printf "GET / HTTP/1.0\\r\\n\\r\\n" >&3 && tail -n 1 <&3
  ' "$3" "$4" 2>/dev/null | tr -d '\\r')"
}
resolve() {
  printf 'n %s %s\\n' "$1" "$(timeout 5 busybox nslookup "$2" 127.0.0.11 2>/dev/null |
    sed -n 's/^Address[^:]*:[[:space:]]*//p' | sed 1d | tr '\\n' ' ')"
}`;

/** @param pid a process in the network; null: the host's own */
export async function reach(
  pid: number | null,
  servers: readonly Server[],
  names: readonly string[],
): Promise<Reached> {
  const questions = [
    ...servers.map(({ host, port, seconds }, at) => `fetch ${at} ${seconds} ${host} ${port} &`),
    ...names.map((name, at) => `resolve ${at} ${name} &`),
  ];
  const script = [ASK, ...questions, 'wait'].join('\n');
  const inside = pid === null ? [] : ['nsenter', '-t', String(pid), '-n'];
  const [program = '', ...args] = [...inside, 'bash', '-c', script];
  const { stdout, stderr, code } = await run(program, args, { timeoutMs: 60_000 });
  if (code !== 0) throw new Error(`${program} ended with ${code}: ${stderr}`);
  const answers = new Map(
    stdout.split('\n').map((line) => {
      const [kind, at, ...rest] = line.split(' ');
      return [`${kind} ${at}`, rest.join(' ').trim()];
    }),
  );
  return {
    said: servers.map((_, at) => answers.get(`s ${at}`) ?? ''),
    addresses: names.map((_, at) => (answers.get(`n ${at}`) ?? '').split(' ').filter(Boolean)),
  };
}
