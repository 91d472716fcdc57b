/**
 * Which devices a container gets: those asked for, or all of the host's. A directory stands for all
 * devices below it. Texts are dockerd's.
 */
import type { HostConfig } from '../../machines/container.config.ts';
import { EffectFailure } from '../failure.ts';
import { isTrue, textList } from '../spec/hostFields.ts';
import type { OciDevice, OciDeviceRule } from '../spec/types.ts';
import { codeOf } from '../system/libc.ts';
import type { DeviceNode, SystemPort } from './systemPort.ts';

export interface DeviceAccess {
  readonly nodes: readonly OciDevice[];
  /** Beside the usual ones. */
  readonly rules: readonly OciDeviceRule[];
}

type System = Pick<SystemPort, 'devices'>;

/** @throws EffectFailure `failed` */
export function deviceAccess(system: System, hostConfig: HostConfig): DeviceAccess {
  refuseRequests(hostConfig);
  const privileged = isTrue(hostConfig, 'Privileged');
  const all = privileged ? (system.devices.below('/dev') ?? []) : [];
  const nodes = all.map((node) => deviceOf(node, node.path));
  const rules: OciDeviceRule[] = [];
  for (const { from, to, access } of mappings(hostConfig)) {
    if (privileged && from === to) continue;
    for (const node of mapped(system, from, to)) {
      nodes.push(node);
      rules.push({ allow: true, type: node.type, major: node.major, minor: node.minor, access });
    }
  }
  if (privileged) return { nodes, rules: [] };
  return { nodes, rules: [...rules, ...textList(hostConfig, 'DeviceCgroupRules').map(ruleOf)] };
}

/** No driver of devices is known here: no GPUs. */
function refuseRequests(hostConfig: HostConfig): void {
  const requests = hostConfig['DeviceRequests'];
  if (!Array.isArray(requests) || requests.length === 0) return;
  const { Driver: driver, Capabilities: wanted } = Object(requests[0]);
  const name = JSON.stringify(typeof driver === 'string' ? driver : '');
  const sets: readonly unknown[] = Array.isArray(wanted) ? wanted : [];
  const shown = sets.map((set) => `[${Array.isArray(set) ? set.join(' ') : String(set)}]`);
  const capabilities = `[${shown.join(' ')}]`;
  const message = `could not select device driver ${name} with capabilities: ${capabilities}`;
  throw new EffectFailure('failed', message);
}

function mappings(hostConfig: HostConfig) {
  const devices = hostConfig['Devices'];
  if (!Array.isArray(devices)) return [];
  return devices.map((entry) => {
    const { PathOnHost, PathInContainer, CgroupPermissions } = Object(entry);
    return { from: String(PathOnHost), to: String(PathInContainer), access: CgroupPermissions };
  });
}

function mapped({ devices }: System, from: string, to: string): readonly OciDevice[] {
  const fail = (why: string, cause?: unknown) =>
    new EffectFailure(
      'failed',
      `error gathering device information while adding custom device "${from}": ${why}`,
      { cause },
    );
  try {
    const node = devices.node(from);
    if (node !== undefined) return [deviceOf(node, to)];
    const below = devices.below(from) ?? [];
    if (below.length === 0) throw fail('not a device node');
    return below.map((one) => deviceOf(one, one.path.replace(from, to)));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') throw fail('no such file or directory', error);
    throw error;
  }
}

function deviceOf({ type, major, minor, mode, uid, gid }: DeviceNode, path: string): OciDevice {
  return { path, type, major, minor, fileMode: mode, uid, gid };
}

function ruleOf(text: string): OciDeviceRule {
  const match = /^([acb]) (\d+|\*):(\d+|\*) ([rwm]{1,3})$/.exec(text);
  if (match === null) {
    throw new EffectFailure('failed', `invalid device cgroup rule format: '${text}'`);
  }
  const [, type, major = '*', minor = '*', access = ''] = match;
  const number = (given: string): number => (given === '*' ? -1 : Number(given));
  return {
    allow: true,
    type: type === 'a' ? 'a' : type === 'b' ? 'b' : 'c',
    major: number(major),
    minor: number(minor),
    access,
  };
}
