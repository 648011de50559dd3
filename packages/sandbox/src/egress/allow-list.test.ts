import { invalidOption } from '@golden-arch/testkit/options'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isAllowedHost, parseAllowList } from './allow-list.ts'

const allowed = parseAllowList('allow', ['api.example.com:443', '*.data.example:80'])

describe('the allow-list', () => {
  it('takes exactly what it names', () => {
    expect(isAllowedHost(allowed, 'api.example.com', 443)).toBe(true)
    expect(isAllowedHost(allowed, 'API.Example.Com', 443)).toBe(true)
    expect(isAllowedHost(allowed, 'a.data.example', 80)).toBe(true)
    expect(isAllowedHost(allowed, 'a.b.data.example', 80)).toBe(true)
  })

  it.each([
    ['api.example.com', 80],
    ['api.example.com', 0],
    ['api.example.com', Number.NaN],
    ['api.example.com.', 443],
    ['xapi.example.com', 443],
    ['a.api.example.com', 443],
    ['api.example.com.evil.test', 443],
    ['data.example', 80],
    ['adata.example', 80],
    ['.data.example', 80],
    ['a..data.example', 80],
    ['*.data.example', 80],
    ['a\u0000.data.example', 80],
    ['a@b.data.example', 80],
    ['127.0.0.1', 80],
    ['[::1]', 80],
    ['169.254.169.254', 80],
    ['', 443],
  ])('refuses %j at %d', (host, port) => {
    expect(isAllowedHost(allowed, host, port)).toBe(false)
  })

  it('takes no name but those below a wildcard or equal to an entry', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', '.', '-', '*', 'data', 'example', 'api', 'com'),
      maxLength: 8,
    })
    fc.assert(
      fc.property(text, fc.constantFrom(80, 443), (host, port) => {
        const isRight =
          (port === 443 && host === 'api.example.com') || (port === 80 && host.endsWith('.data.example'))
        if (isAllowedHost(allowed, host, port)) expect(isRight).toBe(true)
      }),
    )
  })

  it.each([
    [['example.com']],
    [['example:443']],
    [['*:443']],
    [['*.com:443']],
    [['a.*.com:443']],
    [['example.com:0']],
    [['example.com:65536']],
    [['10.0.0.1:80']],
    [['http://example.com:80']],
    [['Example.com:80']],
    [['a_b.example.com:80']],
  ])('cannot be made of %j', (entries) => {
    expect(() => parseAllowList('egress.allow', entries)).toThrow(
      invalidOption('egress.allow', expect.stringMatching(/a host name .* and a port, such as /)),
    )
  })

  it('holds 1 to 256 entries', () => {
    for (const length of [0, 257]) {
      const entries = Array.from({ length }, () => 'example.com:443')
      const refusal = invalidOption('egress.allow', '1 to 256 entries')
      expect(() => parseAllowList('egress.allow', entries)).toThrow(refusal)
    }
  })
})
