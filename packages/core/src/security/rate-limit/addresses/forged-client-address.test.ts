import { describe, expect, it } from 'vitest'
import { addressKey, clientAddress, MemoryRateLimiter, RoleRateLimiter, trustProxies } from '../../index.ts'
import { forgeClock, shown } from '../../testing/token-forge.ts'

const SOCKET = '198.51.100.9'
const PROXY = '10.0.0.1'
const CLIENT = '203.0.113.7'
const proxies = trustProxies(['10.0.0.0/8', 'fd00::/8'])

/** What comes of a header that the proxy forwards with the client's address at its end. */
function seenFrom(written: string): string {
  const forwardedFor = written === '' ? CLIENT : `${written}, ${CLIENT}`
  return clientAddress({ socketAddress: PROXY, forwardedFor, trustedProxies: proxies })
}

const WRITTEN = [
  '',
  '127.0.0.1',
  '10.0.0.1',
  '10.0.0.1, 10.0.0.2',
  '1.2.3.4',
  '::1',
  'unknown',
  '_hidden',
  '1.2.3.4:80',
  '[::1]:80',
  'for=1.2.3.4',
  '"1.2.3.4"',
  ',',
  ',,,,',
  ' ',
  '\t',
  '%00',
  '<script>',
  "' OR '1'='1",
  '999.1.1.1',
  '0x7f.1',
  '2130706433',
  '::ffff:10.0.0.1',
  'fd00::1',
  Array.from({ length: 10_000 }, () => '1.1.1.1').join(','),
  'x'.repeat(1_000_000),
]

describe('addresses that a client writes itself', () => {
  it.each(WRITTEN.map((text) => [shown(text), text] as const))(
    'do not hide the one the proxy saw (%s)',
    (_shown, text) => {
      expect(seenFrom(text)).toBe(CLIENT)
    },
  )

  it.each(WRITTEN.map((text) => [shown(text), text] as const))(
    'count for nothing past the proxies (%s)',
    (_shown, text) => {
      expect(clientAddress({ socketAddress: SOCKET, forwardedFor: text, trustedProxies: proxies })).toBe(
        SOCKET,
      )
      expect(
        clientAddress({ socketAddress: SOCKET, forwardedFor: [text, CLIENT], trustedProxies: proxies }),
      ).toBe(SOCKET)
      expect(
        clientAddress({ socketAddress: SOCKET, forwardedFor: text, trustedProxies: trustProxies(0) }),
      ).toBe(SOCKET)
      expect(
        clientAddress({ socketAddress: SOCKET, forwardedFor: text, trustedProxies: trustProxies([]) }),
      ).toBe(SOCKET)
    },
  )

  it.each([1, 2, 3])('are not reached by a count of %i proxies', (count) => {
    const hops = [CLIENT, '10.0.0.3', '10.0.0.2'].slice(0, count).join(', ')
    for (const text of WRITTEN) {
      const forwardedFor = text === '' ? hops : `${text}, ${hops}`
      expect(clientAddress({ socketAddress: PROXY, forwardedFor, trustedProxies: trustProxies(count) })).toBe(
        CLIENT,
      )
    }
  })

  it.each([
    'unknown',
    '_hidden',
    '',
    ' ',
    '999.1.1.1',
    '1.2.3',
    '01.2.3.4',
    '1.2.3.4.5',
    '::g',
    ':::',
    '1.2.3.4/8',
    'localhost',
    '\u0661.2.3.4',
    '1.2.3.4\u0000',
  ])('give the proxy\u2019s own address where the last hop is %j', (hop) => {
    expect(clientAddress({ socketAddress: PROXY, forwardedFor: hop, trustedProxies: proxies })).toBe(PROXY)
    expect(
      clientAddress({ socketAddress: PROXY, forwardedFor: `${CLIENT}, ${hop}`, trustedProxies: proxies }),
    ).toBe(PROXY)
  })

  it('are read over several headers as one, from the last', () => {
    const forwardedFor = ['1.1.1.1', '2.2.2.2, 3.3.3.3', `${CLIENT}, 10.0.0.2`]
    expect(clientAddress({ socketAddress: PROXY, forwardedFor, trustedProxies: proxies })).toBe(CLIENT)
  })

  it.each([
    [
      'one IPv4 address',
      [
        '203.0.113.7',
        '::ffff:203.0.113.7',
        '::FFFF:203.0.113.7',
        '::ffff:cb00:7107',
        '0:0:0:0:0:ffff:203.0.113.7',
        '0000:0000:0000:0000:0000:FFFF:CB00:7107',
      ],
    ],
    [
      'one IPv6 network',
      [
        '2001:db8::1',
        '2001:db8:0:0::ffff',
        '2001:DB8::1',
        '2001:0db8:0000:0000:ffff:ffff:ffff:ffff',
        '2001:db8::203.0.113.7',
      ],
    ],
    ['nobody', ['unknown', '', 'x', '999.1.1.1', '1.2.3', 'x'.repeat(1_000_000), '\u0000', '__proto__']],
  ])('are counted as %s in whatever spelling', (_name, spellings) => {
    expect(new Set(spellings.map(addressKey)).size).toBe(1)
  })

  it('get five calls a minute by a thousand spellings of one address', async () => {
    const limits = new RoleRateLimiter({ limiter: new MemoryRateLimiter({ clock: forgeClock() }) })
    let admitted = 0
    for (let index = 0; index < 1000; index++) {
      const forwardedFor = `1.1.${index % 250}.${(index >> 2) & 0xff}, 2001:db8::${index.toString(16)}`
      const address = clientAddress({ socketAddress: PROXY, forwardedFor, trustedProxies: proxies })
      if ((await limits.consume({ address })).allowed) admitted++
    }
    expect(admitted).toBe(5)
  })

  it('cannot be told apart from a person\u2019s limit by a name made for it, nor one person\u2019s from another\u2019s', async () => {
    const limits = new RoleRateLimiter({ limiter: new MemoryRateLimiter({ clock: forgeClock() }) })
    for (let call = 0; call < 5; call++) await limits.consume({ address: CLIENT })
    expect((await limits.consume({ address: CLIENT })).allowed).toBe(false)
    const persons = [
      { tenantId: 'a', role: 'anonymous', subject: CLIENT },
      { tenantId: 'a:anonymous', role: 'anonymous', subject: CLIENT },
      { tenantId: 'a', role: 'observer', subject: 'b:c' },
      { tenantId: 'a:observer', role: 'observer', subject: 'b:c' },
      { tenantId: 'a', role: 'observer', subject: 'b%3Ac' },
      { tenantId: 'a%3A', role: 'observer', subject: 'c' },
      { tenantId: 'a:', role: 'observer', subject: 'c' },
    ]
    for (const person of persons) {
      const limit = person.role === 'observer' ? 20 : 5
      for (let call = 0; call < limit; call++) expect((await limits.consume(person)).allowed).toBe(true)
      expect((await limits.consume(person)).allowed).toBe(false)
    }
  })
})
