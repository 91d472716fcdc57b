/** SIGTERM, SIGINT and SIGQUIT: an orderly end, once, and not for longer than it may take. */

export interface EndPorts {
  after(ms: number, callback: () => void, options: { readonly unref: boolean }): unknown;
  failed(error: unknown): void;
  /** What hangs longer than this is left: the log needs no goodbye. null: for ever. */
  mostMs(): number | null;
}

/**
 * Exits with 0 after `end`, with 1 if it failed; by SIGKILL if it hangs. Signals after the first
 * change nothing.
 */
export function onEndSignals(ports: EndPorts, end: (signal: string) => Promise<void>): void {
  let ending = false;
  const begin = async (signal: string): Promise<void> => {
    if (ending) return;
    ending = true;
    const mostMs = ports.mostMs();
    if (mostMs !== null) {
      ports.after(mostMs, () => process.kill(process.pid, 'SIGKILL'), { unref: true });
    }
    try {
      await end(signal);
      process.exit(0);
    } catch (error) {
      ports.failed(error);
      process.exit(1);
    }
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGQUIT'] as const) {
    process.on(signal, () => void begin(signal));
  }
}
