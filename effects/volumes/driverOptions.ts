/** The options of the local driver, as mount(8) has them, to what a mount takes. */

export interface DeviceMount {
  readonly type: string;
  readonly device: string;
  readonly options: readonly string[];
}

/** `type=none,o=bind` is how a directory of the host becomes a volume. */
export function optionsOfDevice(given: Readonly<Record<string, string>>): DeviceMount {
  const words = (given['o'] ?? '').split(',').filter((word) => word !== '');
  return { type: given['type'] ?? '', device: given['device'] ?? '', options: words };
}
