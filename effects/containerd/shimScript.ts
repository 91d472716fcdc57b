/**
 * What a managed containerd finds under the name of runc's shim: a script that hands all on to the
 * shim but one call that has nothing to do.
 *
 * containerd has every task cleaned up once more when its shim has gone, also after it was deleted
 * in order, and who deletes a task waits for that: the shim and the runtime are started to find
 * nothing (containerd 1.6, `cleanupAfterDeadShim`). Where the runtime has no state of the container
 * and its bundle holds no root, the script says so itself. Of a shim that has died there is state,
 * and the shim's program does what it always did.
 */
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { lookPath } from '../runtimes/lookPath.ts';

export const SHIM = 'containerd-shim-runc-v2';

/** What containerd puts before its PATH, and its shims' with it. */
export const programDirectory = (opt: string): string => join(opt, 'bin');

/**
 * A DeleteResponse of runc's shim that says 137, as the shim does for a container of which it knows
 * nothing. It is nobody's exit (law 8).
 */
const NOTHING_LEFT = '\\020\\211\\001';

/** @param shim absolute path of the program */
export function shimScript(shim: string): string {
  return `#!/bin/sh
# Written by shiplog before each start of containerd; changes are lost.
last= id= namespace= bundle=
for word do
  case $last in
    -id) id=$word ;;
    -namespace) namespace=$word ;;
    -bundle) bundle=$word ;;
  esac
  last=$word
done
nothing_left() {
  [ -n "$id" ] && [ -n "$namespace" ] && [ -n "$bundle" ] || return 1
  [ -r "$bundle/options.json" ] || return 1
  options=
  read -r options <"$bundle/options.json"
  case $options in
    *\\\\*) return 1 ;;
    *'"root":"/'*) ;;
    *) return 1 ;;
  esac
  root=\${options#*'"root":"'}
  root=\${root%%'"'*}
  [ ! -e "$root/$namespace/$id" ] || return 1
  for entry in "$bundle"/rootfs/* "$bundle"/rootfs/.[!.]*; do
    [ ! -e "$entry" ] && [ ! -L "$entry" ] || return 1
  done
}
if [ "$last" = delete ] && nothing_left; then
  printf '${NOTHING_LEFT}'
  exit 0
fi
exec '${shim.replaceAll("'", "'\\''")}' "$@"
`;
}

/**
 * Puts the script where the next containerd on this root looks first; without such a shim on the
 * PATH nothing is there.
 */
export async function placeShimScript(opt: string, path: string): Promise<void> {
  const directory = programDirectory(opt);
  const place = join(directory, SHIM);
  const others = path.split(':').filter((one) => isAbsolute(one) && one !== directory);
  const shim = lookPath(SHIM, others.join(':'));
  if (shim.kind === 'missing') return await rm(place, { force: true });
  await mkdir(directory, { recursive: true, mode: 0o711 });
  // Under another name first: a shell may be reading it.
  await writeFile(`${place}.new`, shimScript(shim.file), { mode: 0o755 });
  await rename(`${place}.new`, place);
}
