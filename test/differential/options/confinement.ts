/**
 * A host may withhold capabilities from all of its daemons. dockerd 20.10 asks for all of them for
 * a privileged container all the same, and the runtime refuses; so that it can be compared it gets
 * a runc that takes what nobody here can have out of the bundle.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { availableCapabilities } from '../../../effects/spec/capabilities.ts';

/** Names of the kernel's capabilities that this process can not have. */
export function withheldHere(): readonly string[] {
  const status = readFileSync('/proc/self/status', 'utf8');
  const bounding = BigInt(`0x${/^CapBnd:\s*(\w+)/m.exec(status)?.[1] ?? '0'}`);
  const last = BigInt(readFileSync('/proc/sys/kernel/cap_last_cap', 'utf8').trim());
  const all = 2n ** (last + 1n) - 1n;
  return availableCapabilities(all & ~bounding);
}

/** Path of a folder with a runc that leaves these out; whoever asked removes it. */
export function runcWithout(names: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'shiplog-runc-'));
  const runc = execFileSync('sh', ['-c', 'command -v runc'], { encoding: 'utf8' }).trim();
  const quoted = `"\\(${names.join('\\|')}\\)"`;
  const script = `#!/bin/sh
bundle= last=
for word in "$@"; do
  [ "$last" = --bundle ] && bundle=$word
  last=$word
done
[ -z "$bundle" ] || sed -i 's/${quoted},//g; s/,${quoted}//g' "$bundle/config.json"
exec ${runc} "$@"
`;
  writeFileSync(join(folder, 'runc'), script, { mode: 0o755 });
  return folder;
}
