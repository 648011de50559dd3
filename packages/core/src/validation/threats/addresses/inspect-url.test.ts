import { invalidOption } from '@golden-arch/testkit/options'
import { describe, expect, it } from 'vitest'
import { FakeClock } from '../../../time/testing/index.ts'
import { type InspectUrlOptions, inspectUrl } from './inspect-url.ts'

const resolvesTo = (...addresses: string[]): InspectUrlOptions => ({ resolve: async () => addresses })

describe('the inspection of an address', () => {
  it('gives the addresses to connect to, so that nobody has to ask again', async () => {
    await expect(inspectUrl('https://example.com/a', resolvesTo('93.184.216.34'))).resolves.toEqual({
      ok: true,
      url: 'https://example.com/a',
      addresses: ['93.184.216.34'],
    })
  })

  it.each([
    ['http://rebind.example/', ['127.0.0.1']],
    ['http://two-faces.example/', ['93.184.216.34', '169.254.169.254']],
    ['http://v6.example/', ['::ffff:10.0.0.1']],
    ['http://odd.example/', ['not an address']],
    ['http://2130706433/', []],
    ['http://0x7f.1/', []],
    ['http://017700000001/', []],
    ['http://[::ffff:7f00:1]/', []],
  ])('refuses %s when it leads to %j', async (url, addresses) => {
    await expect(inspectUrl(url, resolvesTo(...addresses))).resolves.toMatchObject({
      ok: false,
      code: 'PRIVATE_ADDRESS',
    })
  })

  it.each([
    ['example.com', 'MALFORMED'],
    [`https://example.com/${'a'.repeat(9000)}`, 'MALFORMED'],
    ['file:///etc/hosts', 'SCHEME'],
    ['http://good.example@evil.example/', 'USER'],
    ['http://LOCALHOST./', 'LOCAL_NAME'],
    ['http://db.internal/', 'LOCAL_NAME'],
    ['http://127.0.0.1.nip.io/', 'LOCAL_NAME'],
  ])('refuses %s without asking for its addresses', async (url, code) => {
    const resolve = (): Promise<never> => Promise.reject(new Error('asked'))
    await expect(inspectUrl(url, { resolve })).resolves.toMatchObject({ ok: false, code })
  })

  it('refuses a name that does not resolve, or resolves to too much', async () => {
    const failing = { resolve: () => Promise.reject(new Error('ENOTFOUND')) }
    const many = resolvesTo(...new Array<string>(65).fill('8.8.8.8'))
    for (const options of [failing, resolvesTo(), many]) {
      await expect(inspectUrl('https://example.com/', options)).resolves.toMatchObject({ code: 'UNRESOLVED' })
    }
  })

  it('refuses a name whose resolver does not answer in time', async () => {
    const clock = new FakeClock()
    const inspection = inspectUrl('https://example.com/', {
      resolve: () => new Promise(() => {}),
      clock,
      timeoutMs: 100,
    })
    await clock.advance(100)
    await expect(inspection).resolves.toMatchObject({ ok: false, code: 'UNRESOLVED' })
  })

  it('ends with the caller', async () => {
    const controller = new AbortController()
    const inspection = inspectUrl('https://example.com/', {
      resolve: () => new Promise(() => {}),
      signal: controller.signal,
    })
    controller.abort()
    await expect(inspection).rejects.toMatchObject({ code: 'ABORTED' })
  })

  it('rejects a bad option at once', async () => {
    await expect(inspectUrl('https://example.com/', { ...resolvesTo(), timeoutMs: 0 })).rejects.toEqual(
      invalidOption('timeoutMs'),
    )
  })
})
