/** What dockerd 20.10 and shiplog are known to say differently of networks. */
import type { KnownLine } from '../options/known.ts';
import { known, of, type StoryLine } from './knownRules.ts';

const BOTH: readonly KnownLine['of'][] = ['dockerd', 'shiplog'];

/** A start fails in their course. */
const UNDONE = /outside, before|taken|another host|two of a range|links: to one/;
const LEFT =
  /^(list\.networks\.networks\.bridge\.|atrest\.(endpointid|gateway|ip|mac|networks\.bridge\.)).*$/;
const CONTAINERS: readonly StoryLine[] = [
  ...known(
    'Networks in inspect have members of later versions (`DNSNames`, `GwPriority`).',
    of('shiplog', 'container', /^\S+networks\.\S+\.(gwpriority 0|dnsnames .*)$/, ''),
  ),
  ...known(
    'The network mode `default` is called `bridge` (since 26).',
    of('dockerd', 'container', /^(host\.networkmode) "default"$/, '$1 "bridge"'),
  ),
  ...known(
    'A container that has ended has no sandbox (since 28).',
    of('dockerd', 'container', /^(atrest\.sandboxid) "hex"$/, '$1 ""'),
    of('dockerd', 'container', /^(atrest\.sandboxkey) "sandbox"$/, '$1 ""'),
  ),
  ...known(
    'A container of which no link is plugged in has no path of a sandbox.',
    ...BOTH.map((engine) =>
      of(engine, 'container', /^(\S+\.sandboxkey) ".*"$/, '$1', /\b(none|host)\b|^connects of/),
    ),
  ),
  ...known(
    'A network without a way out has no gateway and no default route (since 28).',
    of('dockerd', 'container', /^(\S+networks\.n\.gateway) ".+"$/, '$1 ""', /internal/),
    of('dockerd', 'inside', /^default via pool1\.1 dev eth\d$/, '', /internal/),
  ),
  ...known(
    'Below 1.45 the short id is among the aliases, also of a container that never ran.',
    of(
      'dockerd',
      'container',
      /^(atrest\.networks\.n\.aliases) null$/,
      '$1 ["short <cc>"]',
      /^(?!.*has gone)/,
    ),
  ),
  ...known(
    'A container that joins the network of another has its name from create on.',
    of('dockerd', 'container', /^(config\.hostname) ".*"$/, '$1', /one that does not run/),
    of('shiplog', 'container', /^(config\.hostname) ".*"$/, '$1', /one that does not run/),
  ),
  ...known(
    'The MAC address of an endpoint is taken in all versions.',
    of(
      'dockerd',
      'container',
      /(macaddress) "02:42:c6:13:05:02"$/,
      '$1 "02:42:00:00:00:07"',
      /MAC/,
    ),
    of('dockerd', 'network', /(macaddress) "02:42:c6:13:05:02"$/, '$1 "02:42:00:00:00:07"', /MAC/),
    of(
      'dockerd',
      'inside',
      /^link\/ether 02:42:c6:13:05:02$/,
      'link/ether 02:42:00:00:00:07',
      /MAC/,
    ),
    of('shiplog', 'container', /^config\.macaddress .*$/, '', /asks for a MAC/),
  ),
  ...known(
    'A connect or a start that was refused leaves nothing behind.',
    of(
      'dockerd',
      'container',
      /^networksettings\.networks\.n\..*$/,
      '',
      /^connect, refused: (?!an (alias|address) on)/,
    ),
    ...BOTH.map((engine) => of(engine, 'container', LEFT, '', UNDONE)),
    ...BOTH.map((engine) => of(engine, 'events', /^network (dis)?connect .*$/, '', UNDONE)),
  ),
  ...known(
    'A link to a container that was removed is not shown, and a create that is refused leaves no ' +
      'event.',
    of('dockerd', 'container', /^(host\.links) \["\/web:.*$/, '$1 null', /^links: (by|twice)/),
    of('shiplog', 'container', /^(host\.links) \["\/web:.*$/, '$1 null', /^links: (by|twice)/),
    of('dockerd', 'events', /^container destroy hex .*$/, ''),
  ),
  ...known(
    'A container that has run shows the id of each of its networks.',
    ...BOTH.map((engine) =>
      of(
        engine,
        'container',
        /^((?:atrest|list)\.\S+\.networkid) .*$/,
        '$1',
        /exited$|the start$|taken|another host|of a range|links: to one/,
      ),
    ),
  ),
  ...known(
    'An empty list of bindings of a port means any port (as in all releases, once it is started).',
    ...BOTH.map((engine) =>
      of(engine, 'container', /^(\S*ports\S*|\S*portbindings\S*) .*$/, '$1', /no list|empty list/),
    ),
  ),
  ...known(
    'Ports that are exposed and not published are not in the list (since 29).',
    of(
      'dockerd',
      'container',
      /,?"\{\\"privateport\\":\d+,\\"type\\":\\"\w+\\"\}"/g,
      '',
      /exposed/,
    ),
  ),
];

const INSIDE: readonly StoryLine[] = [
  ...known(
    'Two of the names in `/etc/hosts` have a shorter address (since 25).',
    of('dockerd', 'inside', /^(f[ef]00::)0\t/, '$1\t'),
  ),
  ...known(
    'IPv6 is switched off on the links of networks that have none, and nowhere else: the ' +
      'loopback has its address (since 26).',
    of('dockerd', 'inside', /^(ipv6\/conf\/(?:all|default|lo)\/disable_ipv6) 1$/, '$1 0'),
    ...BOTH.map((engine) => of(engine, 'inside', /^inet6 ::1\/128 scope host$/, '')),
    ...BOTH.map((engine) =>
      of(engine, 'inside', /^multicast ff00::\/8 dev eth\d +metric 256$/, ''),
    ),
  ),
  ...known(
    'A disconnect takes only the addresses of its network out of `/etc/hosts`.',
    ...BOTH.map((engine) => of(engine, 'inside', /^pool\d\.2\tshort <cc>$/, '', /^in and out$/)),
  ),
  ...known(
    'A link that is plugged in has the first name that is free.',
    of('dockerd', 'inside', /\beth3\b/, 'eth0', /^in and out$/),
  ),
  ...known(
    'All name servers are asked by the one inside, those of IPv6 as well (since 26).',
    of('dockerd', 'inside', /^nameserver 2001:db8::9$/, '', /in a network$/),
  ),
  ...known(
    'Links set no variables (since 29).',
    of('dockerd', 'inside', /^(web|site|a|b)_(env_a|name|port\w*)=.*$/, '', /^links: /),
  ),
];

/** Those that follow from what was asked for. */
const CHOSEN = /"gateway":"[^"]*(?:\.1|::1|\.128|200\.0)",?/g;
const NETWORKS: readonly StoryLine[] = [
  ...known(
    'The gateway that the daemon chose is shown, too (since 29).',
    ...BOTH.map((engine) => of(engine, 'network', CHOSEN, '')),
  ),
  ...known(
    'The default bridge is not called `docker0`: each daemon of a host has one of its own.',
    ...BOTH.map((engine) =>
      of(
        engine,
        'network',
        /^(options\.com\.docker\.network\.bridge\.name) "(docker0|sl\w+)"$/,
        '$1',
      ),
    ),
  ),
  ...known(
    'A subnet of IPv6 of a network that has none is left out (since 28).',
    of('dockerd', 'network', /,\{"subnet":"fd5b:78::\/64"\}/, ''),
  ),
];

export const KNOWN_STORY_LINES: readonly StoryLine[] = [...CONTAINERS, ...INSIDE, ...NETWORKS];
