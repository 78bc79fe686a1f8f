import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isPublicAddress } from '../../server/outbound/public-address.ts'

describe('RFC 6890: addresses that are not of the public internet', () => {
  it.each([
    ['this network', ['0.0.0.0', '0.255.255.255']],
    ['private', ['10.0.0.0', '10.255.255.255', '172.16.0.0', '172.31.255.255', '192.168.0.0', '192.168.255.255']],
    ['carrier-grade NAT', ['100.64.0.0', '100.100.100.200', '100.127.255.255']],
    ['loopback', ['127.0.0.1', '127.255.255.255', '::1']],
    [
      'link-local, and the metadata of clouds',
      ['169.254.0.0', '169.254.169.254', '168.63.129.16', 'fe80::1', 'febf::1'],
    ],
    ['unspecified', ['::']],
    ['protocol assignments', ['192.0.0.1', '192.0.0.192', '2001::1', '2001:1ff:ffff::1']],
    ['documentation', ['192.0.2.1', '198.51.100.1', '203.0.113.255', '2001:db8::1', '3fff::1', '3fff:fff::1']],
    ['benchmarks', ['198.18.0.0', '198.19.255.255']],
    ['multicast', ['224.0.0.1', '239.255.255.255', 'ff02::1']],
    ['reserved, and broadcast', ['240.0.0.1', '255.255.255.255', '4000::1', 'e000::1']],
    ['unique local', ['fc00::1', 'fd00:ec2::254']],
    ['site-local', ['fec0::1']],
    ['IPv4-mapped and compatible', ['::ffff:127.0.0.1', '::ffff:8.8.8.8', '::ffff:7f00:1', '::127.0.0.1', '::8.8.8.8']],
    ['6to4 and its relays', ['2002:7f00:1::', '2002:808:808::1', '192.88.99.1']],
    ['Teredo', ['2001:0:4136:e378:8000:63bf:3fff:fdd2']],
    ['NAT64', ['64:ff9b::7f00:1', '64:ff9b::8.8.8.8', '64:ff9b:1::a00:1']],
    ['with a zone', ['fe80::1%eth0', '2606:4700::1111%eth0']],
    ['no address', ['', 'localhost', '127.1', '0x7f000001', '2130706433', '010.0.0.1', '8.8.8.8 ', '[::1]']],
  ])('%s', (_, addresses) => {
    expect(addresses.filter(isPublicAddress)).toEqual([])
  })

  it('what lies beside them is public', () => {
    const beside = [
      ...['1.0.0.0', '8.8.8.8', '9.255.255.255', '11.0.0.0', '100.63.255.255', '100.128.0.0', '126.255.255.255'],
      ...['128.0.0.0', '168.63.129.15', '168.63.129.17', '169.253.255.255', '169.255.0.0', '172.15.255.255'],
      ...['172.32.0.0', '192.0.1.0', '192.0.3.0', '192.167.255.255', '192.169.0.0', '198.17.255.255', '198.20.0.0'],
      ...[
        '223.255.255.255',
        '2001:200::1',
        '2001:4860:4860::8888',
        '2003::1',
        '2606:4700::1111',
        '3ffe::1',
        '3fff:1000::1',
      ],
    ]
    expect(beside.filter((address) => !isPublicAddress(address))).toEqual([])
  })

  it('an IPv4 address is never public in the clothes of IPv6', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.constantFrom('::ffff:', '::', '64:ff9b::', '::ffff:0:'), (address, prefix) => {
        expect(isPublicAddress(`${prefix}${address}`)).toBe(false)
      }),
    )
  })
})
