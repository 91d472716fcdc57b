/**
 * Where answers differ from the published document on purpose: because dockerd itself answers so.
 * Each entry fits the sentences of schema.ts; one that fits nothing any more fails the spec.
 */
export const KNOWN_DEVIATIONS: readonly { readonly reason: string; readonly said: RegExp }[] = [
  {
    reason: 'dockerd gives null for a list or map that nobody set',
    said: /HostConfig\.\w+ is null, not (array|object)$/,
  },
  {
    reason: 'dockerd gives null for a swappiness that nobody set',
    said: /HostConfig\.MemorySwappiness is null, not integer$/,
  },
  {
    reason: 'dockerd gives null for a list or map that nobody set',
    said: /\.Config\.(Volumes|Entrypoint) is null, not (array|object)$/,
  },
  {
    reason: 'dockerd gives null for a list that nobody set',
    said: /Networks\.\w+\.(Links|Aliases|DNSNames) is null, not array$/,
  },
  {
    reason: 'dockerd has no data for a snapshotter of containerd',
    said: /^\$\.GraphDriver\.Data is null, not object$/,
  },
  {
    reason: 'dockerd gives null without such a plugin, or such a resource',
    said: /^\$\.(Plugins\.Authorization|GenericResources) is null, not array$/,
  },
  {
    reason: 'dockerd repeats these for clients from before 1.22, in versions below 1.52',
    said: /^\$\.(status|id|from) is not in the document$/,
  },
  {
    reason: 'an object of our own: the state in our words, and what the container waits for',
    said: /^\$\.Shiplog is not in the document$/,
  },
];
