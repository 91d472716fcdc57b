/** `GET /version`. */
import { goArchitecture } from '../images/lookup.ts';
import type { VersionInfo } from '../openapi.gen.ts';
import type { DaemonInfo } from '../ports.ts';
import { type Handler, json } from '../request.ts';
import { MAX_VERSION, MIN_VERSION } from '../versions.ts';

/** The field's name is Docker's; the language runtime here is Node. */
const LANGUAGE = `node ${process.version}`;

function components(info: DaemonInfo): VersionInfo['Components'] {
  return [
    {
      Name: 'Engine',
      Version: info.version,
      Details: {
        ApiVersion: MAX_VERSION,
        MinAPIVersion: MIN_VERSION,
        Arch: goArchitecture(info.host.architecture),
        BuildTime: '',
        Experimental: 'false',
        GitCommit: info.gitCommit,
        GoVersion: LANGUAGE,
        KernelVersion: info.host.kernelVersion,
        Os: 'linux',
      },
    },
    {
      Name: 'containerd',
      Version: info.containerd.version,
      Details: { GitCommit: info.containerd.revision },
    },
    { Name: 'runc', Version: info.runc.version, Details: { GitCommit: info.runc.commit } },
  ];
}

export const version: Handler = ({ ports }) => {
  const info = ports.daemon.info();
  const body: VersionInfo = {
    Platform: { Name: 'shiplog' },
    Components: components(info),
    Version: info.version,
    ApiVersion: MAX_VERSION,
    MinAPIVersion: MIN_VERSION,
    GitCommit: info.gitCommit,
    GoVersion: LANGUAGE,
    Os: 'linux',
    Arch: goArchitecture(info.host.architecture),
    KernelVersion: info.host.kernelVersion,
    BuildTime: '',
  };
  return json(body);
};
