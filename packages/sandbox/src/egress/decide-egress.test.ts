import { FakeClock } from '@golden-arch/core/time/testing'
import { invalidOption } from '@golden-arch/testkit/options'
import { describe, expect, it } from 'vitest'
import { decideEgress } from './decide-egress.ts'
import { type EgressOptions, resolveEgressOptions } from './egress-options.ts'

const unasked = (): Promise<never> => Promise.reject(new Error('asked'))
const decide = (
  host: string,
  port: number,
  more: Partial<EgressOptions> = {},
): ReturnType<typeof decideEgress> =>
  decideEgress(
    { host, port },
    resolveEgressOptions({ allow: ['api.example.com:443', '*.below.test:80'], resolve: unasked, ...more }),
    new FakeClock(),
  )

describe('the decision over a connection', () => {
  it('gives the address that was looked at', async () => {
    const resolve = async (): Promise<string[]> => ['93.184.216.34']
    expect(await decide('api.example.com', 443, { resolve })).toEqual({ ok: true, address: '93.184.216.34' })
  })

  it.each([
    ['other.example.com', 443],
    ['169.254.169.254', 80],
    ['127.0.0.1', 443],
    ['[::1]', 80],
    ['2130706433', 80],
    ['localhost', 80],
    ['metadata.google.internal', 80],
    ['api.example.com', 22],
  ])('refuses %s at %d without asking for its address', async (host, port) => {
    expect(await decide(host, port)).toEqual({ ok: false, refusal: 'NOT_ALLOWED' })
    expect(await decide(host, port, { allowPrivateAddresses: true })).toEqual({
      ok: false,
      refusal: 'NOT_ALLOWED',
    })
  })

  it.each([
    [['127.0.0.1']],
    [['169.254.169.254']],
    [['10.1.2.3']],
    [['::ffff:192.168.0.1']],
    [['fd00::1']],
    [['93.184.216.34', '10.0.0.1']],
    [['no address']],
  ])('refuses an allowed name that leads to %j', async (addresses) => {
    const resolve = async (): Promise<string[]> => addresses
    expect(await decide('x.below.test', 80, { resolve })).toEqual({ ok: false, refusal: 'PRIVATE_ADDRESS' })
  })

  it('asks once, so that a name cannot lead elsewhere the second time', async () => {
    const answers = [['93.184.216.34'], ['127.0.0.1']]
    const resolve = async (): Promise<string[]> => answers.shift() ?? []
    expect(await decide('x.below.test', 80, { resolve })).toEqual({ ok: true, address: '93.184.216.34' })
    expect(answers).toHaveLength(1)
    expect(await decide('x.below.test', 80, { resolve })).toMatchObject({ ok: false })
  })

  it.each([false, true])(
    'waits for an address as long as it is told, private ones allowed: %j',
    async (allowed) => {
      const clock = new FakeClock()
      const options = resolveEgressOptions({
        ...{ allow: ['*.below.test:80'], connectTimeoutMs: 200, allowPrivateAddresses: allowed },
        resolve: () => new Promise<never>(() => {}),
      })
      let answer: unknown
      const decided = decideEgress({ host: 'x.below.test', port: 80 }, options, clock).then((decision) => {
        answer = decision
      })
      await clock.advance(199)
      expect(answer).toBeUndefined()
      await clock.advance(1)
      await decided
      expect(answer).toEqual({ ok: false, refusal: 'UNRESOLVED' })
    },
  )

  it('refuses a name that leads nowhere', async () => {
    for (const allowPrivateAddresses of [false, true]) {
      expect(await decide('x.below.test', 80, { allowPrivateAddresses })).toEqual({
        ok: false,
        refusal: 'UNRESOLVED',
      })
    }
  })

  it('lets a name lead home where that is allowed', async () => {
    const resolve = async (): Promise<string[]> => ['127.0.0.1']
    const options = { resolve, allowPrivateAddresses: true }
    expect(await decide('x.below.test', 80, options)).toEqual({ ok: true, address: '127.0.0.1' })
  })

  it('refuses bounds that are none', () => {
    for (const more of [
      { maxConnections: 0 },
      { maxBytes: 1 },
      { idleTimeoutMs: 1 },
      { maxTotalConnections: 0 },
    ]) {
      expect(() => resolveEgressOptions({ allow: ['a.b:1'], ...more })).toThrow(
        invalidOption(`egress.${Object.keys(more)[0]}`),
      )
    }
  })
})
