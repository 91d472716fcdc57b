/** What create says of networks: whether it makes sense, and fits to the network mode. */
import { isIP } from 'node:net';
import { parsePort } from '../../machines/network.ports.ts';
import { apiError } from '../errors.ts';
import { checkMacAddress } from '../networks/endpoints.ts';
import type { ContainerCreateRequest } from '../openapi.gen.ts';
import { type ApiVersion, before } from '../versions.ts';

const invalid = (message: string) => apiError('invalid-create', { message });
const conflicting = (what: string) => invalid(`conflicting options: ${what}`);

/** Values that mean another mode than what is asked for beside them. @throws ApiError 400 */
export function checkNetworkWishes(asked: ContainerCreateRequest, version: ApiVersion): void {
  const mode = asked.HostConfig?.NetworkMode ?? '';
  checkMode(asked, mode);
  checkMac(asked, mode, version);
  checkPorts(asked);
  checkExtraHosts(asked.HostConfig?.ExtraHosts ?? []);
}

/** What only whoever has a network of its own can say of it. */
const OF_ITS_OWN = (asked: ContainerCreateRequest): readonly (readonly [unknown, string])[] => {
  const { Links, Dns, ExtraHosts, PortBindings, PublishAllPorts } = asked.HostConfig ?? {};
  const links = "container type network can't be used with links. This would result in";
  return [
    [asked.Hostname, 'hostname and the network mode'],
    [Links?.length, `${links} undefined behavior`],
    [Dns?.length, 'dns and the network mode'],
    [ExtraHosts?.length, 'custom host-to-IP mapping and the network mode'],
    [
      PublishAllPorts === true || Object.keys(PortBindings ?? {}).length,
      'port publishing and the container type network mode',
    ],
    [
      Object.keys(asked.ExposedPorts ?? {}).length,
      'port exposing and the container type network mode',
    ],
  ];
};

function checkMode(asked: ContainerCreateRequest, mode: string): void {
  if (mode === 'container:' || mode === 'container')
    throw invalid('invalid network mode: invalid container format container:<name|id>');
  if (mode.startsWith('container:')) {
    const [, wrong] = OF_ITS_OWN(asked).find(([given]) => Boolean(given)) ?? [];
    if (wrong !== undefined) throw conflicting(wrong);
  }
  if (mode === 'host' && (asked.HostConfig?.Links ?? []).length > 0) {
    const links = "host type networking can't be used with links";
    throw conflicting(`${links}. This would result in undefined behavior`);
  }
}

const WIDE = 'container-wide MAC address no longer supported; use endpoint-specific MAC address';

function checkMac(asked: ContainerCreateRequest, mode: string, version: ApiVersion): void {
  const mac = asked.MacAddress ?? '';
  if (mac === '') return;
  if (!before(version, '1.52')) throw invalid(`${WIDE} instead`);
  checkMacAddress(mac);
  const plugged = mode !== 'host' && mode !== 'none' && !mode.startsWith('container:');
  if (before(version, '1.44') && !plugged) throw conflicting('mac-address and the network mode');
}

const notPort = (text: string) => invalid(`invalid port specification: "${text}"`);

/** `80`, `80/udp`; host ports may be ranges, or empty. @throws ApiError 400 */
function checkPorts(asked: ContainerCreateRequest): void {
  const bindings = Object.entries(asked.HostConfig?.PortBindings ?? {});
  const names = [...Object.keys(asked.ExposedPorts ?? {}), ...bindings.map(([name]) => name)];
  for (const name of names) if (parsePort(name) === undefined) throw notPort(name);
  for (const [, given] of bindings)
    for (const one of Array.isArray(given) ? given : []) checkBinding(Object(one));
}

function checkBinding({ HostIp = '', HostPort = '' }: { HostIp?: string; HostPort?: string }) {
  // One with a zone (`fe80::1%eth0`) is none that a rule can be made for.
  if (HostIp !== '' && (isIP(HostIp) === 0 || HostIp.includes('%')))
    throw invalid(`invalid host address of a port: ${JSON.stringify(HostIp)}`);
  const [from = 0, to = from] = HostPort.split('-').map(Number);
  if (!/^(\d+(-\d+)?)?$/.test(HostPort) || to > 65_535 || to < from) throw notPort(HostPort);
}

/** `name:address` or `name=address`. @throws ApiError 400 */
function checkExtraHosts(given: readonly string[]): void {
  for (const entry of given) {
    const [, name = '', address = ''] = /^([^:=]*)[:=](.*)$/.exec(entry) ?? [];
    if (name === '') throw invalid(`bad format for add-host: "${entry}"`);
    const plain = address.replace(/^\[(.*)\]$/, '$1');
    if (address !== 'host-gateway' && isIP(plain) === 0)
      throw invalid(`invalid IP address in add-host: "${address}"`);
  }
}

/** What is taken, and has no effect, or will have none. */
export function networkWarnings(
  asked: ContainerCreateRequest,
  mode: string,
  version: ApiVersion,
): readonly string[] {
  const published = Object.keys(asked.HostConfig?.PortBindings ?? {}).length > 0;
  const wide = (asked.MacAddress ?? '') !== '' && !before(version, '1.44');
  return [
    ...(mode === 'host' && published
      ? ['Published ports are discarded when using host network mode']
      : []),
    ...(wide
      ? [
          'The container-wide MacAddress field is now deprecated. It should be specified in ' +
            'EndpointsConfig instead.',
        ]
      : []),
  ];
}
