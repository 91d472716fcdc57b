/** The table as the daemon made it before a subnet and its bridge were three exact values. */
export interface EarlierNetwork {
  readonly bridge: string;
  readonly subnet4: string;
  readonly subnet6: string;
}

/**
 * As text for `nft -f`.
 * @param any4 elements of that map, @param any6 the same
 */
export function earlierTable(
  table: string,
  networks: readonly EarlierNetwork[],
  { any4, any6 }: { readonly any4: readonly string[]; readonly any6: readonly string[] },
): string {
  const elements = (each: (network: EarlierNetwork) => string): string =>
    `elements = { ${networks.map(each).join(', ')} }`;
  return `table inet ${table} {
    set bridges { type ifname; ${elements(({ bridge }) => `"${bridge}"`)}; }
    set intra { type ifname . ifname; ${elements(({ bridge }) => `"${bridge}" . "${bridge}"`)}; }
    set internal { type ifname; }
    set hairpin4 { type ipv4_addr . ifname; flags interval;
      ${elements(({ bridge, subnet4 }) => `${subnet4} . "${bridge}"`)}; }
    set hairpin6 { type ipv6_addr . ifname; flags interval;
      ${elements(({ bridge, subnet6 }) => `${subnet6} . "${bridge}"`)}; }
    set masquerade4 { type ipv4_addr; flags interval; ${elements(({ subnet4 }) => subnet4)}; }
    set masquerade6 { type ipv6_addr; flags interval; ${elements(({ subnet6 }) => subnet6)}; }
    map any4 { type inet_proto . inet_service : ipv4_addr . inet_service;
      elements = { ${any4.join(', ')} }; }
    map any6 { type inet_proto . inet_service : ipv6_addr . inet_service;
      elements = { ${any6.join(', ')} }; }
    map one4 { type inet_proto . ipv4_addr . inet_service : ipv4_addr . inet_service; }
    map one6 { type inet_proto . ipv6_addr . inet_service : ipv6_addr . inet_service; }
    chain publish {
      dnat ip to meta l4proto . ip daddr . th dport map @one4
      dnat ip to meta l4proto . th dport map @any4
      ip6 daddr ::1 return
      dnat ip6 to meta l4proto . ip6 daddr . th dport map @one6
      dnat ip6 to meta l4proto . th dport map @any6
    }
    chain guard {
      type filter hook prerouting priority raw; policy accept;
      iifname != "lo" ip daddr 127.0.0.0/8 drop
    }
    chain incoming {
      type nat hook prerouting priority dstnat; policy accept;
      fib daddr type local jump publish
    }
    chain outgoing {
      type nat hook output priority -100; policy accept;
      fib daddr type local jump publish
    }
    chain disguise {
      type nat hook postrouting priority srcnat; policy accept;
      oifname @bridges ip saddr 127.0.0.0/8 masquerade
      ip saddr . oifname @hairpin4 ct status dnat masquerade
      ip6 saddr . oifname @hairpin6 ct status dnat masquerade
      ip saddr @masquerade4 oifname != @bridges ip daddr != 224.0.0.0/4 masquerade
      ip6 saddr @masquerade6 oifname != @bridges ip6 daddr != ff00::/8 masquerade
    }
    chain between {
      type filter hook forward priority filter; policy accept;
      iifname . oifname @intra accept
      iifname @internal drop
      oifname @internal drop
      oifname @bridges ct state established,related accept
      oifname @bridges ct status dnat accept
      oifname @bridges drop
    }
  }`;
}
