import { afterEach, describe, expect, it } from 'vitest'
import { startTestGateway, type TestGateway } from '../../testing/test-gateway.ts'
import { addStatusPage } from '../routes/status-page.ts'
import type { SecureHeadersOptions } from './secure-headers.ts'

const ORIGIN = 'https://console.example.org'
let gateway: TestGateway | undefined

afterEach(() => gateway?.stop())

async function start(headers: Partial<SecureHeadersOptions> = {}): Promise<string> {
  gateway = await startTestGateway(
    (app) => {
      app.get('/open', { config: { public: true } }, () => ({}))
      addStatusPage(app)
    },
    { headers: { corsOrigins: [], corsCredentials: false, hasTlsInFront: false, ...headers } },
  )
  return gateway.address
}

describe('the headers of an answer', () => {
  it('let a browser run nothing, frame nothing and guess nothing', async () => {
    const { headers } = await fetch(`${await start()}/open`)
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-security-policy': "default-src 'none';base-uri 'none';frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
    })
    for (const name of [
      'server',
      'x-powered-by',
      'strict-transport-security',
      'access-control-allow-origin',
    ]) {
      expect(headers.has(name)).toBe(false)
    }
  })

  it('let the status page run its own script and style alone', async () => {
    const { headers } = await fetch(`${await start()}/status`)
    expect(headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; .*script-src 'sha256-[^']+';/,
    )
  })

  it('tell browsers to stay with TLS where it is in front', async () => {
    const { headers } = await fetch(`${await start({ hasTlsInFront: true })}/open`)
    expect(headers.get('strict-transport-security')).toBe('max-age=31536000; includeSubDomains')
  })
})

describe('another origin', () => {
  const preflight = (address: string, origin: string): Promise<Response> =>
    fetch(`${address}/open`, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'x-evil',
      },
    })

  it('may read answers if it is named, letter for letter', async () => {
    const address = await start({ corsOrigins: [ORIGIN], corsCredentials: true })
    const allowed = await fetch(`${address}/open`, { headers: { origin: ORIGIN } })
    expect(allowed.headers.get('access-control-allow-origin')).toBe(ORIGIN)
    expect(allowed.headers.get('access-control-allow-credentials')).toBe('true')
    expect(allowed.headers.get('vary')).toContain('Origin')
    const asked = await preflight(address, ORIGIN)
    expect(asked.status).toBe(204)
    expect(asked.headers.get('access-control-allow-origin')).toBe(ORIGIN)
    expect(asked.headers.get('access-control-allow-headers')).toBe(
      'authorization, content-type, idempotency-key, if-none-match, last-event-id',
    )
    expect(asked.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
  })

  it.each([
    'https://console.example.org.evil.example',
    'https://evil.example',
    'http://console.example.org',
    'https://console.example.org:8443',
    'null',
  ])('may not if it is %s', async (origin) => {
    const address = await start({ corsOrigins: [ORIGIN] })
    for (const answer of [
      await fetch(`${address}/open`, { headers: { origin } }),
      await preflight(address, origin),
    ]) {
      expect(answer.headers.get('access-control-allow-origin')).toBeNull()
    }
  })

  it('may not where none is named', async () => {
    const answer = await preflight(await start(), ORIGIN)
    expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
  })

  it('may be any without credentials, and never with them', async () => {
    const answer = await fetch(`${await start({ corsOrigins: ['*'] })}/open`, { headers: { origin: ORIGIN } })
    expect(answer.headers.get('access-control-allow-origin')).toBe('*')
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull()
    await gateway?.stop()
    await expect(start({ corsOrigins: ['*'], corsCredentials: true })).rejects.toThrow('CORS: * stands alone')
    await expect(start({ corsOrigins: ['*', ORIGIN] })).rejects.toThrow('CORS: * stands alone')
  })
})
