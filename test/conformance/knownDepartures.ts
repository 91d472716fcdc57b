/**
 * Where api/openapi.yaml departs from the published definition of its newest version, each with the
 * reason. Each fits sentences of published.ts; one that fits nothing any more fails the spec.
 */
interface Departure {
  readonly reason: string;
  readonly said: RegExp;
}

const OLDER = 'older versions have it, and one document describes them all';
const NOT_YET = 'not understood yet; it is ignored, as every unknown parameter is';

export const KNOWN_DEPARTURES: readonly Departure[] = [
  { reason: OLDER, said: /^GET \/info: \.\w+Commit\.Expected is ours alone$/ },
  { reason: OLDER, said: /^GET \/events: \.(status|id|from) is ours alone$/ },
  { reason: OLDER, said: /^GET \/system\/df: \.\w+ is ours alone$/ },
  { reason: OLDER, said: /^POST \/(containers\/create|commit): body\.MacAddress is ours alone$/ },
  {
    reason: 'dockerd shows it in details of components, and so do we',
    said: /^GET \/version: \.Experimental is not in ours$/,
  },
  {
    reason: 'of networks of swarms, or that have addresses',
    said: /^GET \/networks.*(verbose|scope|\.Peers|\.Services|\.Status) is not in ours$/,
  },
  { reason: 'dockerd gives it in the list, too', said: /^GET \/networks: \[\]\.Containers/ },
  { reason: 'there are no plugins to filter', said: /^GET \/plugins: parameter filters/ },
  { reason: 'there is one platform an image', said: /\.ImageManifestDescriptor is not in ours$/ },
  { reason: 'dockerd knows it, and the command sends it', said: /logs: parameter details/ },
  {
    reason: 'with a fraction behind it, as clients send it, it is no integer',
    said: /logs: parameter (since|until) is integer in theirs$/,
  },
  { reason: NOT_YET, said: /^(GET|POST|DELETE) \/images\// },
  {
    reason: 'of swarms, and of drivers that say more of their volumes',
    said: /\/volumes.*\.(Status|ClusterVolume) is not in ours$/,
  },
  { reason: OLDER, said: /^POST \/networks\/create: body\.CheckDuplicate is ours alone$/ },
  {
    reason: 'answers have it in the same record; asked for, it means nothing',
    said: /connect: body\.EndpointConfig\.(NetworkID|EndpointID|\w*Gateway|\w*IP\w*|DNSNames) is/,
  },
  {
    reason: 'an object of our own: the state in our words, and what the container waits for',
    said: /\.Shiplog is ours alone$/,
  },
  {
    reason: 'of Windows alone; for any other system it means nothing',
    said: /\.(CpuCount|CpuPercent|IOMaximumIOps|IOMaximumBandwidth) is not in ours$/,
  },
  {
    reason: 'it is in the same record as the limits, but dockerd does not change it either',
    said: /update: body\.(CgroupParent|Device\w+|Init|Ulimits) is not in ours$/,
  },
];
