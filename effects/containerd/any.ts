/**
 * Makers and readers of protobuf Any: containerd wants the bare type name, without any host part.
 */
import type { JsonValue } from '../../machines/words.ts';
import { message } from './proto.ts';
import type { EncodedAny } from './types.ts';

export interface WireAny {
  readonly type_url: string;
  readonly value: Buffer;
}

const ociSpec = 'types.containerd.io/opencontainers/runtime-spec/1';
const runcOptionsName = 'containerd.runc.v1.Options';
const genericOptionsName = 'runtimeoptions.v1.Options';

/** Options of the runc shim; what is absent is the shim's default. */
export interface RuncOptions {
  /** Name or path of the OCI runtime. */
  readonly binaryName?: string | undefined;
  /** The OCI runtime's state directory. */
  readonly root?: string | undefined;
  readonly systemdCgroup?: boolean | undefined;
  readonly noPivotRoot?: boolean | undefined;
  readonly noNewKeyring?: boolean | undefined;
  readonly shimCgroup?: string | undefined;
  readonly ioUid?: number | undefined;
  readonly ioGid?: number | undefined;
  readonly criuImagePath?: string | undefined;
  readonly criuWorkPath?: string | undefined;
}

/** Options of any other shim. */
export interface GenericOptions {
  readonly typeUrl: string;
  readonly configPath: string;
  /** TOML. */
  readonly configBody: string;
}

export function encodeGenericOptions(options: GenericOptions): EncodedAny {
  return encodeMessage(genericOptionsName, {
    type_url: options.typeUrl,
    config_path: options.configPath,
    config_body: Buffer.from(options.configBody, 'utf8'),
  });
}

export function encodeRuncOptions(options: RuncOptions): EncodedAny {
  return encodeMessage(runcOptionsName, {
    no_pivot_root: options.noPivotRoot,
    no_new_keyring: options.noNewKeyring,
    shim_cgroup: options.shimCgroup,
    io_uid: options.ioUid,
    io_gid: options.ioGid,
    binary_name: options.binaryName,
    root: options.root,
    systemd_cgroup: options.systemdCgroup,
    criu_image_path: options.criuImagePath,
    criu_work_path: options.criuWorkPath,
  });
}

export function encodeSpec(spec: object): EncodedAny {
  return encodeJson('Spec', spec);
}

export function encodeProcess(process: object): EncodedAny {
  return encodeJson('Process', process);
}

export function encodeResources(resources: object): EncodedAny {
  return encodeJson('LinuxResources', resources);
}

/** @throws SyntaxError if the payload is not JSON. */
export function decodeJson(payload: EncodedAny): JsonValue {
  return JSON.parse(payload.value.toString('utf8'));
}

export function encodeMessage(typeUrl: string, fields: object): EncodedAny {
  const type = message(typeUrl);
  if (!type) throw new Error(`no message ${typeUrl} in our proto files`);
  return { typeUrl, value: type.serialize(fields) };
}

/** The fields of a message that our files declare; undefined if they do not. */
export function decodeMessage(payload: EncodedAny): object | undefined {
  return message(payload.typeUrl)?.deserialize(payload.value);
}

export function toWireAny(payload: EncodedAny | undefined): WireAny | null {
  return payload ? { type_url: payload.typeUrl, value: payload.value } : null;
}

export function fromWireAny(payload: WireAny | null | undefined): EncodedAny | null {
  return payload ? { typeUrl: payload.type_url, value: payload.value } : null;
}

function encodeJson(kind: string, value: object): EncodedAny {
  return { typeUrl: `${ociSpec}/${kind}`, value: Buffer.from(jsonOf(value), 'utf8') };
}

/** Also with whole numbers that only a bigint holds, which JSON knows and JavaScript's does not. */
function jsonOf(value: object): string {
  const raw: unknown = Reflect.get(JSON, 'rawJSON');
  return JSON.stringify(value, (_, member: unknown) =>
    typeof member === 'bigint' && typeof raw === 'function' ? raw(String(member)) : member,
  );
}
