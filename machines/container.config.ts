/**
 * What the user asked for when the container was created. The records keep the field names of the
 * Engine API, because inspect must give back field by field what create was given; shiplog adds
 * nothing to them. Environment values are secrets and live outside of the log (see `SecretRef`).
 */
import type { JsonObject, JsonValue } from './words.ts';

/** A value that is not in the log: `digest` is SHA-256 over a random salt and the value, in hex. */
export interface SecretRef {
  readonly name: string;
  /** Empty: it has no value, the variable is taken away. */
  readonly digest: string;
}

/** Engine API `HealthConfig`. Times are nanoseconds; absent and 0 stand for the default. */
export type HealthConfig = {
  /** First word: `NONE`, `CMD` or `CMD-SHELL`. */
  readonly Test?: readonly string[];
  readonly Interval?: number;
  readonly Timeout?: number;
  readonly StartPeriod?: number;
  readonly StartInterval?: number;
  readonly Retries?: number;
};

/** Engine API `ContainerConfig` after the image's values are merged in, without `Env`. */
export interface ContainerConfig {
  readonly Hostname: string;
  readonly Domainname: string;
  readonly User: string;
  readonly AttachStdin: boolean;
  readonly AttachStdout: boolean;
  readonly AttachStderr: boolean;
  readonly Tty: boolean;
  readonly OpenStdin: boolean;
  readonly StdinOnce: boolean;
  readonly Cmd: readonly string[] | null;
  readonly Entrypoint: readonly string[] | null;
  /** The image as the user named it. */
  readonly Image: string;
  readonly WorkingDir: string;
  readonly Labels: Readonly<Record<string, string>>;
  readonly StopSignal?: string;
  /** Seconds. */
  readonly StopTimeout?: number;
  readonly ExposedPorts?: JsonObject;
  readonly Volumes?: JsonObject;
  readonly Healthcheck?: HealthConfig;
  readonly Shell?: readonly string[];
}

/**
 * Engine API `HostConfig` with defaults filled. Fields that nothing reads yet stay in the index.
 */
export interface HostConfig {
  readonly NetworkMode: string;
  readonly AutoRemove: boolean;
  readonly IpcMode: string;
  readonly PidMode: string;
  readonly UTSMode: string;
  readonly CgroupnsMode: string;
  readonly CgroupParent: string;
  readonly ReadonlyRootfs: boolean;
  readonly Runtime: string;
  /** Bytes. */
  readonly ShmSize: number;
  /** null: none, because it is privileged. */
  readonly MaskedPaths: readonly string[] | null;
  readonly ReadonlyPaths: readonly string[] | null;
  readonly LogConfig: { readonly Type: string; readonly Config: Readonly<Record<string, string>> };
  readonly RestartPolicy: { readonly Name: string; readonly MaximumRetryCount: number };
  readonly [field: string]: JsonValue;
}

/** What the user gives in place of what shiplog would make: a root, a spec, or both. */
export interface CustomParts {
  /** Directory of the host that is the root; never removed. */
  readonly root?: string;
  /** An OCI runtime spec, without the environment: its values are secrets. */
  readonly spec?: JsonObject;
}

/** What `update` changes: fields of HostConfig with their new values; what is absent stays. */
export interface ContainerChanges {
  readonly restartPolicy?: HostConfig['RestartPolicy'];
  readonly resources?: JsonObject;
  /** To set; null: to take away. Absent in rows of before labels could change. */
  readonly labels?: Readonly<Record<string, string | null>>;
}

/** Labels after a change. */
export function withLabels(
  labels: Readonly<Record<string, string>>,
  changes: Readonly<Record<string, string | null>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries({ ...labels, ...changes }).filter(
      (entry): entry is [string, string] => entry[1] !== null,
    ),
  );
}

/** The image a container was created from, fixed at create. */
export interface ImageRef {
  /** `sha256:<digest of the image's config>`. */
  readonly id: string;
  /**
   * Chain id of the top layer; the key of the committed snapshot. Empty for an image without
   * layers.
   */
  readonly chainId: string;
}

/**
 * The runtime as resolved at start (law 10): it is written into the start fact and nothing later
 * changes it for this run.
 */
export interface LockedRuntime {
  /** As the user named it, e.g. `runc`. */
  readonly name: string;
  /** containerd's runtime name, e.g. `io.containerd.runc.v2`. */
  readonly shim: string;
  /** Values for the shim's options message, by field name of `containerd.runc.v1.Options`. */
  readonly options: {
    /** The OCI runtime, or the wrapper script that runs it. */
    readonly binaryName: string;
    readonly root: string;
    readonly systemdCgroup: boolean;
    readonly noPivotRoot?: boolean;
    readonly noNewKeyring?: boolean;
    readonly shimCgroup?: string;
    readonly ioUid?: number;
    readonly ioGid?: number;
    readonly criuImagePath?: string;
    readonly criuWorkPath?: string;
  };
  /** Options of a shim that is not runc's, as its message `runtimeoptions.v1.Options`. */
  readonly generic?: {
    readonly typeUrl: string;
    readonly configPath: string;
    /** TOML. */
    readonly configBody: string;
  };
  /** The script that `binaryName` names; absent: none, the runtime is run as it is. */
  readonly wrapper?: {
    /** Of the script's content, hexadecimal. */
    readonly sha256: string;
    readonly path: string;
    readonly arguments: readonly string[];
  };
}
