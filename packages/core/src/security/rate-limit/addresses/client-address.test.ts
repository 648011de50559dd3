import { invalidOption } from '@golden-arch/testkit/options'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { clientAddress } from './client-address.ts'
import { type TrustedProxies, trustProxies } from './trusted-proxies.ts'

const PROXY = '10.0.0.1'
const CLIENT = '203.0.113.7'
const LISTED = trustProxies(['10.0.0.0/8', '2001:db8:ffff::/48', '192.0.2.9'])

function from(
  forwardedFor: string | string[] | undefined,
  trustedProxies: TrustedProxies,
  socketAddress = PROXY,
): string {
  return clientAddress({ socketAddress, forwardedFor, trustedProxies })
}

describe('proxies by address', () => {
  it('the last hop that is no proxy of ours is the client', () => {
    expect(from(CLIENT, LISTED)).toBe(CLIENT)
    expect(from(`${CLIENT}, 10.0.0.2`, LISTED)).toBe(CLIENT)
    expect(from(`${CLIENT},192.0.2.9,10.2.3.4`, LISTED)).toBe(CLIENT)
    expect(from([CLIENT, '10.0.0.2'], LISTED)).toBe(CLIENT)
  })

  it('what a client wrote into the header itself is not believed', () => {
    expect(from(`198.51.100.1, ${CLIENT}`, LISTED)).toBe(CLIENT)
    expect(from(`10.0.0.9, ${CLIENT}, 10.0.0.2`, LISTED)).toBe(CLIENT)
    expect(from(`garbage, , "", ${CLIENT}`, LISTED)).toBe(CLIENT)
  })

  it('whoever comes past the proxies is who the socket says', () => {
    expect(from('198.51.100.1', LISTED, CLIENT)).toBe(CLIENT)
    expect(from('198.51.100.1, 10.0.0.1', LISTED, CLIENT)).toBe(CLIENT)
    expect(from('198.51.100.1', trustProxies([]), PROXY)).toBe(PROXY)
  })

  it('where all hops are proxies the first is the client, and without a header the proxy is', () => {
    expect(from('10.0.0.5, 10.0.0.2', LISTED)).toBe('10.0.0.5')
    for (const none of [undefined, '', '  ', []]) expect(from(none, LISTED)).toBe(PROXY)
  })

  it('reads hops with ports, brackets and blanks, and IPv4 that is written as IPv6', () => {
    for (const hop of [`${CLIENT}:51234`, ` ${CLIENT}\t`, `::ffff:${CLIENT}`, `[::ffff:${CLIENT}]:80`]) {
      expect(from(hop, LISTED)).toBe(CLIENT)
    }
    for (const hop of ['2001:db8::1', '[2001:db8::1]', '[2001:DB8::1]:443', '2001:db8:0::0001']) {
      expect(from(hop, LISTED)).toBe('2001:db8:0:0:0:0:0:1')
    }
    expect(from(`${CLIENT}, [2001:db8:ffff::2]:443`, LISTED, '2001:db8:ffff::1')).toBe(CLIENT)
    expect(from(CLIENT, LISTED, '::ffff:10.0.0.1')).toBe(CLIENT)
  })

  it('a hop that is no address gives the address of the socket', () => {
    const garbage = [
      'unknown',
      '_hidden',
      'for=1.2.3.4',
      '"203.0.113.7"',
      '[203.0.113.7]',
      '[::1',
      '::1]',
      '010.0.0.1',
    ]
    const more = [
      '1.2.3.4:',
      '1.2.3.4:x',
      '1.2.3.4:123456',
      '1.2.3',
      '1.2.3.4 5.6.7.8',
      '[::1]x',
      'é',
      ',',
      `${CLIENT},`,
    ]
    for (const text of [...garbage, ...more]) {
      expect(from(text, LISTED)).toBe(PROXY)
      expect(from(`${CLIENT}, ${text}`, LISTED)).toBe(PROXY)
      if (!text.includes(',')) expect(from(`${text}, 10.0.0.2`, LISTED)).toBe(PROXY)
    }
  })

  it('a socket without an address is no proxy', () => {
    const unknown = { forwardedFor: CLIENT, trustedProxies: LISTED }
    expect(clientAddress({ ...unknown, socketAddress: undefined })).toBe('')
    expect(clientAddress({ ...unknown, socketAddress: '' })).toBe('')
  })
})

describe('proxies by number', () => {
  it('the hop that the outermost proxy added is the client', () => {
    expect(from(CLIENT, trustProxies(1))).toBe(CLIENT)
    expect(from(`198.51.100.1, ${CLIENT}`, trustProxies(1))).toBe(CLIENT)
    expect(from(`198.51.100.1, ${CLIENT}, 172.16.0.1`, trustProxies(2))).toBe(CLIENT)
  })

  it('no proxies, no belief', () => {
    expect(from(CLIENT, trustProxies(0))).toBe(PROXY)
  })

  it('fewer hops than proxies, or a hop that is no address, give the address of the socket', () => {
    expect(from(CLIENT, trustProxies(2))).toBe(PROXY)
    expect(from(undefined, trustProxies(1))).toBe(PROXY)
    expect(from('', trustProxies(1))).toBe(PROXY)
    expect(from(`${CLIENT}, nonsense`, trustProxies(2))).toBe(PROXY)
    expect(from(`nonsense, 10.0.0.2`, trustProxies(2))).toBe(PROXY)
    expect(from(`nonsense, ${CLIENT}`, trustProxies(1))).toBe(CLIENT)
  })
})

it('nothing that stands before the hops of the proxies has a say, whatever it is', () => {
  const proxies = fc.array(fc.constantFrom('10.0.0.2', '192.0.2.9', '[2001:db8:ffff::2]:1'), { maxLength: 4 })
  fc.assert(
    fc.property(fc.string(), proxies, (forged, hops) => {
      const header = [forged, CLIENT, ...hops].join(',')
      expect(from(header, LISTED)).toBe(CLIENT)
      expect(from(header, trustProxies(hops.length + 1))).toBe(CLIENT)
    }),
  )
})

it('any header at all gives an address that stands in it, or that of the socket', () => {
  fc.assert(
    fc.property(fc.string(), (header) => {
      for (const proxies of [LISTED, trustProxies(1), trustProxies(3)]) {
        const address = from(header, proxies)
        expect(address === PROXY || header.includes(address) || address.includes(':')).toBe(true)
      }
    }),
  )
})

describe('which proxies are trusted', () => {
  it('ranges of both versions hold what they say and nothing beside it', () => {
    const proxies = trustProxies(['10.1.0.0/16', '2001:db8::/32', '0.0.0.0/32', '192.0.2.1'])
    const includes = (address: string): boolean => proxies.kind === 'list' && proxies.includes(address)
    for (const address of ['10.1.0.0', '10.1.255.255', '::ffff:10.1.2.3', '2001:db8:1::', '192.0.2.1']) {
      expect(includes(address)).toBe(true)
    }
    for (const address of ['10.2.0.0', '10.0.255.255', '2001:db9::', '192.0.2.2', '', 'x']) {
      expect(includes(address)).toBe(false)
    }
  })

  it('refuses what is no range of addresses, naming it', () => {
    const rule = 'an IP address, alone or with a prefix length'
    const bad = [
      '',
      '10.0.0.0/33',
      '10.0.0.0/-1',
      '10.0.0.0/',
      '10.0.0.0/8/8',
      '10.0/8',
      '::/129',
      '::ffff:10.0.0.0/104',
      'loopback',
    ]
    for (const range of bad) {
      expect(() => trustProxies([range])).toThrow(
        expect.objectContaining({
          details: { option: 'trustedProxies', rule, received: JSON.stringify(range) },
        }),
      )
    }
    for (const count of [-1, 17, 1.5, Number.NaN]) {
      expect(() => trustProxies(count)).toThrow(invalidOption('trustedProxies'))
    }
    expect(() => trustProxies(new Array(1025).fill('10.0.0.1'))).toThrow(
      invalidOption('trustedProxies', 'a number or up to 1024 addresses'),
    )
    // A range that untyped configuration gives without a list.
    expect(() => trustProxies('10.0.0.0/8' as unknown as string[])).toThrow(
      invalidOption('trustedProxies', 'a number or up to 1024 addresses'),
    )
  })
})
