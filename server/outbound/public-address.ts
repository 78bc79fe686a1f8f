import { BlockList, isIPv4, isIPv6 } from 'node:net'

/** RFC 6890 and the registries that it founds: IPv4 that is not the public internet. */
const otherThanPublic = subnets('ipv4', [
  ['0.0.0.0', 8], // this network
  ['10.0.0.0', 8], // private, RFC 1918
  ['100.64.0.0', 10], // carrier-grade NAT, RFC 6598
  ['127.0.0.0', 8], // loopback
  ['168.63.129.16', 32], // where Azure answers its own machines, and nobody else
  ['169.254.0.0', 16], // link-local, RFC 3927; the metadata of most clouds
  ['172.16.0.0', 12], // private
  ['192.0.0.0', 24], // protocol assignments
  ['192.0.2.0', 24], // documentation, RFC 5737
  ['192.88.99.0', 24], // relays of 6to4, RFC 7526
  ['192.168.0.0', 16], // private
  ['198.18.0.0', 15], // benchmarks, RFC 2544
  ['198.51.100.0', 24], // documentation
  ['203.0.113.0', 24], // documentation
  ['224.0.0.0', 4], // multicast
  ['240.0.0.0', 4], // reserved, and broadcast
])

/**
 * RFC 4291 §2.4: IPv6 that is global unicast. Everything else is left out without being named: loopback, link-local, unique local,
 * multicast, IPv4-mapped (::ffff:0:0/96) and NAT64 (64:ff9b::/96 and 64:ff9b:1::/48).
 */
const globalUnicast = subnets('ipv6', [['2000::', 3]])

/** What is set apart within it. The first two can carry an IPv4 address of any kind. */
const setApart = subnets('ipv6', [
  ['2001::', 23], // protocol assignments, Teredo among them
  ['2002::', 16], // 6to4, RFC 3056
  ['2001:db8::', 32], // documentation, RFC 3849
  ['3fff::', 20], // documentation, RFC 9637
])

/** RFC 6890: whether an address is one of the public internet. What cannot be read as an address is not, and with a zone (`%eth0`) it is meant for one link. */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !otherThanPublic.check(address, 'ipv4')
  if (!isIPv6(address) || address.includes('%')) return false
  return globalUnicast.check(address, 'ipv6') && !setApart.check(address, 'ipv6')
}

function subnets(family: 'ipv4' | 'ipv6', list: readonly [network: string, prefix: number][]): BlockList {
  const set = new BlockList()
  for (const [network, prefix] of list) set.addSubnet(network, prefix, family)
  return set
}
