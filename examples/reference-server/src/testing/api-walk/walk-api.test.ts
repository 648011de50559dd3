import { afterAll, beforeAll, expect, it } from 'vitest'
import { type AssembledServer, SLOW_START_MS, startAssembledServer } from '../assembled-server.ts'
import { readApiDocument } from './api-document.ts'
import { prepareRequests } from './prepare-requests.ts'
import { setScene } from './set-scene.ts'
import { walkApi } from './walk-api.ts'

let server: AssembledServer

beforeAll(async () => {
  server = await startAssembledServer()
}, SLOW_START_MS)
afterAll(() => server.stop())

it(
  'every operation answers as the document of the API says, to whatever it is asked',
  async () => {
    const document = readApiDocument((await server.call('GET', '/openapi.json')).text)
    const report = await walkApi({
      address: server.address,
      document,
      tokens: { good: await server.tokenOf('admin'), weak: await server.tokenOf('anonymous') },
      scene: await setScene(server),
      prepared: await prepareRequests(server),
      requestsPerOperation: 8,
      // The long form, `npm run prove -- server-openapi`, takes another one each time.
      seed: 11,
    })
    expect(report.violations).toEqual([])
    expect(report.requests).toBe(document.operations.length * 9)
    // It came past the doors: what is asked for is there for a good part of it, and refused for another.
    expect(Object.keys(report.answersByStatus)).toEqual(expect.arrayContaining(['200', '401', '404', '422']))
    expect(report.neverServed).toEqual([])
  },
  SLOW_START_MS,
)
