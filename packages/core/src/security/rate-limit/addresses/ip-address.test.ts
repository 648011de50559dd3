import fc from 'fast-check'
import { expect, it } from 'vitest'
import { addressKey } from './address-key.ts'
import { parseIpAddress } from './ip-address.ts'

it('reads an IPv4 address, and one that is written as IPv6 as the same', () => {
  const ip = { version: 4, text: '192.0.2.1' }
  for (const text of ['192.0.2.1', '::ffff:192.0.2.1', '::FFFF:c000:201', '0:0:0:0:0:ffff:c000:0201']) {
    expect(parseIpAddress(text)).toEqual(ip)
  }
})

it('gives the spellings of an IPv6 address one form', () => {
  const spellings: Record<string, readonly string[]> = {
    '2001:db8:0:1:0:0:0:a': [
      '2001:db8:0:1::a',
      '2001:0DB8:0000:0001:0000:0000:0000:000A',
      '2001:db8:0:1::0.0.0.10',
    ],
    '0:0:0:0:0:0:0:1': ['::1', '0::1', '0:0:0:0:0:0:0:1'],
    '0:0:0:0:0:0:0:0': ['::', '0::0'],
    'fe80:0:0:0:0:0:0:1': ['fe80::1%eth0', 'FE80::1'],
    // Neither translated nor compatible addresses are the IPv4 address in them.
    '64:ff9b:0:0:0:0:c000:201': ['64:ff9b::192.0.2.1'],
    '0:0:0:0:0:0:c000:201': ['::192.0.2.1'],
  }
  for (const [form, texts] of Object.entries(spellings)) {
    for (const text of texts) expect(parseIpAddress(text)).toEqual({ version: 6, text: form })
  }
})

it('knows what is no address', () => {
  const others = [
    '',
    ' ',
    '1',
    '1.2.3',
    '1.2.3.4.5',
    '256.1.1.1',
    '010.0.0.1',
    '0x7f.0.0.1',
    '1.2.3.4 ',
    ' 1.2.3.4',
  ]
  const more = [
    '1.2.3.4:80',
    '[::1]',
    '[::1]:80',
    ':::',
    '1::2::3',
    '12345::',
    '::g',
    'unknown',
    'localhost',
    '::1\n',
  ]
  for (const text of [...others, ...more, `::1%${'x'.repeat(200)}`])
    expect(parseIpAddress(text)).toBeUndefined()
})

it('counts an IPv4 address by itself and an IPv6 address by its first 64 bits', () => {
  expect(addressKey('192.0.2.1')).toBe('192.0.2.1')
  expect(addressKey('::ffff:192.0.2.1')).toBe('192.0.2.1')
  expect(addressKey('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2::/64')
  expect(addressKey('2001:db8:1:2::9')).toBe('2001:db8:1:2::/64')
  expect(addressKey('2001:db8:1:3::9')).toBe('2001:db8:1:3::/64')
  expect(addressKey('fe80::1%eth0')).toBe('fe80:0:0:0::/64')
})

it('counts all whose address is unknown together', () => {
  for (const text of ['', 'unknown', '@', 'a'.repeat(5000)]) expect(addressKey(text)).toBe('unknown')
})

it('any address has one key, and others in its network the same', () => {
  const group = fc.integer({ min: 0, max: 0xffff })
  fc.assert(
    fc.property(
      fc.array(group, { minLength: 8, maxLength: 8 }),
      fc.array(group, { minLength: 4, maxLength: 4 }),
      (groups, host) => {
        fc.pre(groups.slice(0, 5).some((one) => one !== 0))
        const text = groups.map((one) => one.toString(16)).join(':')
        expect(parseIpAddress(text)).toEqual({ version: 6, text })
        const padded = groups.map((one) => one.toString(16).padStart(4, '0').toUpperCase()).join(':')
        expect(parseIpAddress(padded)).toEqual({ version: 6, text })
        const neighbour = [...groups.slice(0, 4), ...host].map((one) => one.toString(16)).join(':')
        fc.pre(groups.slice(0, 4).some((one) => one !== 0))
        expect(addressKey(neighbour)).toBe(addressKey(text))
      },
    ),
  )
})
