/** Answers that are known to differ. */
import { answers, type KnownAnswer } from './knownRules.ts';

const MADE = /^201 .*$/;
const STARTED = /^204 \{\}$/;
const DONE = /^200 \{\}$/;

const POOLS = answers(
  'What is wrong with the subnets of a network is 400, and said at once (since 25); ' +
    'dockerd 20.10 lets some of it pass.',
  [/subnet is none|no length|is too long/, /^500 invalid subnet .*$/, /^400 invalid subnet .*$/],
  [/gateway alone/, /^500 invalid subnet .*$/, /^400 .* parent subnet invalid prefix .*$/],
  [/host bits are set/, MADE, /^400 .* it should be 198\.19\.5\.0\/24$/],
  [/gateway is outside/, /^500 failed to allocate gateway .*$/, /^400 .*doesn't contain this .*$/],
  [/gateway is none/, /^500 invalid gateway address .*$/, /^400 .* is no address$/],
  [/range is outside/, MADE, /^400 .* doesn't contain ip-range$/],
  [/range is none/, /^500 .*invalid address subpool$/, /^400 invalid ip-range nonsense: .*$/],
  [/range is wider/, MADE, /^400 .*cidr block is bigger than its parent subnet .*$/],
  [
    /auxiliary address is outside/,
    /^403 auxiliary address: .*$/,
    /^400 .*doesn't contain this .*$/,
  ],
  [/auxiliary address is none/, /^500 non parsable secondary ip .*$/, /^400 .* is no address$/],
  [/overlaps/, /^403 pool overlaps with/, /^403 invalid pool request: pool overlaps with/],
  [/of 31 bits/, /^500 failed to allocate gateway .*$/, MADE],
  [/IPv6 without a subnet/, /^404 could not find an available, non-overlapping ipv6 .*$/, MADE],
);

const OPTIONS = answers(
  'Options of the bridge driver that make no sense are 400 (since 23).',
  [/wrong (boolean|MTU|host address)/, /^500 failed to parse/, /^400 failed to parse/],
  [/negative MTU/, /^500 invalid mtu/, /^400 invalid mtu/],
  [
    /long name of its bridge/,
    /^500 failed to check bridge .*$/,
    /^400 invalid name of a bridge.*$/,
  ],
);

const REFUSED = answers(
  'Texts and statuses of refused networks are those of later releases.',
  [/driver overlay/, /^500 /, /^403 /],
  [/called ""/, /^409 network with name {2}already exists$/, /^400 invalid name: name is empty$/],
  [/called " "/, /^500 invalid name:.*$/, /^400 invalid name: name is empty$/],
  [
    /may not go/,
    /^403 error while removing network: network n id <n> has active endpoints$/,
    /^403 error while removing network: network n has active endpoints \(name:"cc" id:"\w{12}"\)$/,
  ],
  [/are pruned/, /^500 failed to parse value/, /^400 failed to parse value/],
);

const FILTERS = answers('A filter that is no regular expression is refused.', [
  /are listed/,
  /^200 \[\]$/,
  /^400 invalid filter 'name=\[': not a regular expression$/,
]);

const PLACES = answers(
  'Texts and statuses of what a container can not have of networks are those of later releases.',
  [
    /that is none: |asks for an address outside$|an IPv6 address outside/,
    /^500 invalid address \S+: it does not belong to any of this network's subnets$/,
    /^400 .*no configured subnet contains ip address \S+$/,
  ],
  [
    /an address outside|outside, before the start/,
    /^500 invalid address \S+: it does not belong to any of this network's subnets$/,
    /^400 .*no configured subnet contains ip address \S+$/,
  ],
  [
    /an IPv6 address without IPv6/,
    /^400 user specified ip address is supported only when connecting .*$/,
    /^400 .*no configured subnet contains ip address \S+$/,
  ],
  [
    /default bridge|on none/,
    /^400 user specified ip address is supported on user defined networks only$/,
    /^400 .*user-specified ip address is supported on user-defined networks only$/,
  ],
  [
    /alias on the default bridge/,
    /^400 network-scoped alias is supported only for containers in user defined networks$/,
    /^400 .*network-scoped aliases are only supported for user-defined networks$/,
  ],
  [
    /asks for|somebody has/,
    /^403 address already in use$/,
    /^403 failed to set up container networking: address already in use$/,
  ],
  [
    /run out/,
    /^500 no available ipv4 addresses/,
    /^500 (failed to set up container networking: )?no available ipv4 addresses/,
  ],
  [/an address that is none/, /^500 invalid ipv4 address: nonsense\)$/, /^400 invalid ipv4 .*$/],
  [
    /link-local address that is of no link/,
    /^500 invalid link local ip address: 192\.0\.2\.7$/,
    /^400 (failed to set up container networking: )?invalid link local ip address: 192\.0\.2\.7$/,
  ],
  [/link-local address that is none/, MADE, /^400 invalid link-local ip address: nonsense$/],
  [
    /endpoints of two networks/,
    /^400 container cannot be connected to network endpoints: n, m$/,
    /^400 container cannot be created with multiple network endpoints: n, m$/,
  ],
);

const FREER = answers(
  'An address can be asked for in networks whose subnet nobody chose, too (since 29).',
  [
    /an address of a network without a subnet/,
    /^400 user specified ip address is supported only when connecting .*$/,
    /^20[04] \{\}$/,
  ],
);

const MACS = answers(
  'A MAC address that is none, or that nothing would have, is refused (since 25).',
  [/MAC address that is none/, MADE, /^400 invalid mac address: nonsense$/],
  [/a MAC address of the container that is none/, MADE, /^400 invalid mac address: nonsense$/],
  [/connect, refused: a MAC address/, DONE, /^400 invalid mac address: nonsense$/],
  [/a MAC address in none/, MADE, /^400 conflicting options: mac-address and the network mode$/],
);

const MODES = answers(
  'Connects and disconnects that can not be are refused in the words of later releases, also of ' +
    'containers that share the network of another.',
  [
    /^connects of/,
    /^400 container cannot be disconnected from host network or connected to host network$/,
    /^400 cannot (dis)?connect container (to|from) host network - container (was|must be) .*$/,
  ],
  [
    /container:donor, (created|exited)/,
    DONE,
    /^400 container sharing network namespace with another container or host cannot be .*$/,
  ],
);

const LATER = answers('A network that is not there is said at once, not at the next start.', [
  /^connects of .*(created|exited)$/,
  DONE,
  /^404 network nowhere not found$/,
]);

const NAMED = answers('A container is in the network that has the name when it starts.', [
  /may not go$/,
  /^404 network <n> not found$/,
  /^404 network n not found$/,
]);

const DONORS = answers(
  'Texts about containers whose network can not be joined are those of later releases.',
  [
    /^a container in (another|one that does not run)$/,
    /cannot join network of a non running container: <cc>$/,
    /cannot join network namespace of a non running container: container <cc> is not running$/,
  ],
  [/in itself/, /^500 cannot join own network$/, /^404 no such container: cc$/],
);

const PORTS = answers(
  'Ports that are none, ranges in the place of one, and host addresses that are none are refused ' +
    '(since 29).',
  [
    /of an unknown protocol|container port 0|empty container port|exposed (port|range)/,
    MADE,
    /^400 invalid port specification: .*$/,
  ],
  [
    /container port that is none|container port too high|range of container ports/,
    /^400 invalid port specification: .*$/,
    /^400 invalid port specification: .*$/,
  ],
  [/an address that is none/, MADE, /^400 invalid host address of a port: "nowhere"$/],
);

const PUBLISHING = answers(
  'Texts of ports that can not be had are those of later releases.',
  [
    /taken|of a range|another host/,
    /^500 driver failed programming external connectivity on endpoint (\w+) \(hex\): .*$/,
    /^500 failed .* driver failed programming external connectivity on endpoint (\w+) \(hex\): .*$/,
  ],
  [/SCTP/, /^500 .*error starting userland proxy: protocol not supported$/, STARTED],
);

const LINKS = answers(
  'Links that are none are 400; one of them is not removed by itself.',
  [
    /links: (of nonsense|empty)/,
    /^500 (bad format|empty string)/,
    /^400 (bad format|empty string)/,
  ],
  [
    /a removed link/,
    STARTED,
    /^501 shiplog does not support removing one link of a container yet$/,
  ],
);

export const KNOWN_ANSWERS: readonly KnownAnswer[] = [
  ...POOLS,
  ...OPTIONS,
  ...REFUSED,
  ...FILTERS,
  ...PLACES,
  ...FREER,
  ...MACS,
  ...MODES,
  ...LATER,
  ...NAMED,
  ...DONORS,
  ...PORTS,
  ...PUBLISHING,
  ...LINKS,
];
