import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exchange } from '../../testing/raw-connection.ts'
import { startTestGateway, type TestGateway } from '../../testing/test-gateway.ts'

const HOST = 'host: localhost\r\n'
let gateway: TestGateway
let letGo: () => void

beforeAll(async () => {
  gateway = await startTestGateway((app) => {
    app.get('/quick', { config: { public: true } }, () => ({ ok: true }))
    app.get('/waiting', { config: { public: true } }, async ({ raw }) => {
      // Until the client is gone: whatever it is told before then is no answer of this route.
      await new Promise<void>((resolve) => raw.socket.once('close', () => resolve()))
      return { ok: true }
    })
    app.get('/stream', { config: { public: true } }, async (_request, reply) => {
      reply.hijack()
      reply.raw.writeHead(200, { 'content-type': 'text/plain' })
      reply.raw.write('the first part')
      letGo = () => reply.raw.end('the last part')
    })
    app.post('/echo', { config: { permission: 'task:create' } }, (request) => ({
      body: request.body ?? null,
    }))
  })
})
afterAll(() => gateway.stop())

/** Writes `bytes`, then `more` at the first answer, and gives all that the server said until it closed. */
function exchangeInTwo(bytes: string, more: string): Promise<string> {
  const { hostname, port } = new URL(gateway.address)
  return new Promise((resolve) => {
    let said = ''
    const socket = connect(Number(port), hostname, () => socket.write(bytes))
    socket.setEncoding('utf8').on('data', (text) => {
      if (said === '') socket.write(more)
      said += text
    })
    socket.on('error', () => undefined)
    socket.once('close', () => resolve(said))
  })
}

describe('what is no HTTP', () => {
  it('is not answered in the place of an earlier request', async () => {
    const said = await exchange(gateway.address, `GET /waiting HTTP/1.1\r\n${HOST}\r\nGARBAGE\r\n\r\n`)
    expect(said).toBe('')
  })

  it('is not answered in the place of one of several earlier requests', async () => {
    const request = `GET /waiting HTTP/1.1\r\n${HOST}\r\n`
    expect(await exchange(gateway.address, `${request}${request}GARBAGE\r\n\r\n`)).toBe('')
  })

  it('puts nothing into an answer that is under way', async () => {
    const said = await exchangeInTwo(`GET /stream HTTP/1.1\r\n${HOST}\r\n`, 'GARBAGE\r\n\r\n')
    letGo()
    expect(said).toMatch(/^HTTP\/1\.1 200/)
    expect(said.match(/HTTP\/1\.1/g)).toHaveLength(1)
  })

  it('is answered where all before it was answered', async () => {
    const said = await exchangeInTwo(`GET /quick HTTP/1.1\r\n${HOST}\r\n`, 'GARBAGE\r\n\r\n')
    expect(said.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 400'])
  })

  it('is no second answer to a request that was refused before its body came', async () => {
    const head = `POST /echo HTTP/1.1\r\n${HOST}content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n`
    const said = await exchangeInTwo(head, 'zz\r\n\r\n')
    expect(said.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 401'])
  })
})
