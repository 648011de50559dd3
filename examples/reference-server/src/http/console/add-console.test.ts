import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TemporaryFolder, temporaryFolder } from '@golden-arch/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestGateway, type TestGateway } from '../../testing/test-gateway.ts'
import { addConsole } from './add-console.ts'

const PAGE = '<meta property="csp-nonce" nonce="__CSP_NONCE__"><script nonce="__CSP_NONCE__"></script>'

let built: TemporaryFolder
let server: TestGateway
let unbuilt: TestGateway

beforeAll(async () => {
  built = await temporaryFolder('console')
  mkdirSync(join(built.path, 'assets'))
  writeFileSync(join(built.path, 'index.html'), PAGE)
  writeFileSync(join(built.path, 'icon.svg'), '<svg/>')
  writeFileSync(join(built.path, 'secret.txt'), 'not to be served')
  writeFileSync(join(built.path, 'assets', 'index-abc.js'), 'first')
  writeFileSync(join(built.path, 'assets', 'index-abc.js.br'), 'squeezed')
  server = await startTestGateway(
    (app) => void app.register((scope) => addConsole(scope, { folder: built.path })),
  )
  unbuilt = await startTestGateway(
    (app) => void app.register((scope) => addConsole(scope, { folder: join(built.path, 'nowhere') })),
  )
})
afterAll(async () => {
  await server?.stop()
  await unbuilt?.stop()
  await built?.remove()
})

const get = (path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(`${server.address}${path}`, init)

describe('the console', () => {
  it.each([
    '/console/',
    '/console/tasks',
    '/console/tasks/a%20task',
    '/console/reviews/bmFtZQ.1',
    '/console/sign-in?to=/console/',
  ])('answers %s with the page of the app, to anybody', async (path) => {
    const response = await get(path)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(response.headers.get('cache-control')).toBe('no-cache')
  })

  it('gives each page a nonce of its own, which its policy names for styles and no script needs', async () => {
    const [first, second] = await Promise.all([get('/console/'), get('/console/')])
    const policy = first?.headers.get('content-security-policy') ?? ''
    const nonce = /'nonce-([\w-]{22})'/.exec(policy)?.[1]
    expect(await first?.text()).toBe(PAGE.replaceAll('__CSP_NONCE__', String(nonce)))
    expect(policy).toContain("default-src 'none'; script-src 'self';")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).not.toMatch(/unsafe/)
    expect(second?.headers.get('content-security-policy')).not.toBe(policy)
  })

  it('leads from the name without a slash to the page', async () => {
    const response = await get('/console', { redirect: 'manual' })
    expect([response.status, response.headers.get('location')]).toEqual([308, '/console/'])
  })

  it('serves what pages are made of compressed, to be kept for good', async () => {
    const response = await get('/console/assets/index-abc.js', { headers: { 'accept-encoding': 'br' } })
      // The few bytes that stand for compressed ones are none.
      .then(({ status, headers }) => ({ status, headers }))
    expect(response.status).toBe(200)
    expect(response.headers.get('content-encoding')).toBe('br')
    expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    expect(response.headers.get('content-type')).toContain('javascript')
    const plain = await get('/console/assets/index-abc.js', { headers: { 'accept-encoding': 'identity' } })
    expect(await plain.text()).toBe('first')
  })

  it('serves its icon', async () => {
    expect((await get('/console/icon.svg')).headers.get('content-type')).toContain('image/svg+xml')
  })

  it.each([
    '/console/assets/index-old.js',
    '/console/assets/..%2fsecret.txt',
    '/console/assets/%2e%2e%2fsecret.txt',
    '/console/secret.txt',
    '/console/assets/',
  ])('has nothing at %s', async (path) => {
    const response = await get(path)
    expect(response.status).toBe(404)
    expect(await response.json()).toMatchObject({ error_code: 'NOT_FOUND' })
  })

  it.each(['/console/', '/console/icon.svg'])('says at %s how it is built where it was not', async (path) => {
    const response = await fetch(`${unbuilt.address}${path}`)
    expect(response.status).toBe(503)
    expect(await response.json()).toMatchObject({
      error_code: 'CONSOLE_NOT_BUILT',
      message: expect.stringContaining('npm run console:build'),
    })
  })
})
