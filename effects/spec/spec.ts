/**
 * From what the user asked for to the OCI spec. Pure: all that depends on the machine (user
 * look-up, files, host facts) comes in with the input. Each part stands in a file of its own; the
 * mapping is Docker's, so that a container behaves here as it does there.
 */
import { cgroupsPath } from './cgroup.ts';
import { deviceRules } from './devices.ts';
import { isTrue, textMap } from './hostFields.ts';
import { hostnameOf } from './hostname.ts';
import { mounts } from './mounts.ts';
import { namespaces } from './namespaces.ts';
import { processOf } from './process.ts';
import { resourcesOf } from './resources.ts';
import { seccompFor } from './security.ts';
import { sysctls } from './sysctls.ts';
import type { OciLinux, OciProcess, OciSpec, SpecInput } from './types.ts';
import { rootPropagation } from './userMounts.ts';

/** Newest version of the specification that runc 1.1 (containerd 1.6) accepts. */
const OCI_VERSION = '1.0.2-dev';

export function ociSpec(input: SpecInput): OciSpec {
  const { hostConfig } = input.container;
  const process = processOf(input);
  const annotations = textMap(hostConfig, 'Annotations');
  return {
    ociVersion: OCI_VERSION,
    process,
    root: { path: input.rootPath, readonly: hostConfig.ReadonlyRootfs },
    // A runtime refuses to set a name in a namespace that is not the container's own.
    ...(hostConfig.UTSMode === 'host' ? {} : { hostname: hostnameOf(input) }),
    mounts: mounts(input),
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
    linux: linuxOf(input, process),
  };
}

function linuxOf(input: SpecInput, { capabilities }: OciProcess): OciLinux {
  const { container, host } = input;
  const { nodes } = input.devices;
  const seccomp = seccompFor(container.hostConfig, capabilities, input.defaults, host);
  const privileged = isTrue(container.hostConfig, 'Privileged');
  const spread = rootPropagation(input.placed ?? []);
  return {
    namespaces: namespaces(container.hostConfig, host, input.donors, input.networkNamespace),
    resources: {
      ...resourcesOf(container.hostConfig, input.deviceNumbers),
      devices: [...deviceRules(privileged), ...input.devices.rules],
    },
    ...(nodes.length === 0 ? {} : { devices: nodes }),
    ...(seccomp === undefined ? {} : { seccomp }),
    cgroupsPath: cgroupsPath(container, host),
    sysctl: sysctls(container),
    ...(spread === undefined ? {} : { rootfsPropagation: spread }),
    // Of a privileged one they are null unless they were asked for.
    maskedPaths: container.hostConfig.MaskedPaths ?? [],
    readonlyPaths: container.hostConfig.ReadonlyPaths ?? [],
  };
}
