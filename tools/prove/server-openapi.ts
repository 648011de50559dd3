/**
 * Holds the API of the reference server against its own document: requests are generated from the document, good and bad,
 * for every operation; each answer must be documented in status, media type and form, and none may be a failure of the
 * server; and each operation must have served at least one request. The long form of what a test does in short. Prints the seed: with it the same requests are made again.
 * Usage: node --conditions=golden-arch-source tools/prove/server-openapi.ts [requests per operation, default 150] [seed]
 */

import { readApiDocument } from '../../examples/reference-server/src/testing/api-walk/api-document.ts'
import { prepareRequests } from '../../examples/reference-server/src/testing/api-walk/prepare-requests.ts'
import { setScene } from '../../examples/reference-server/src/testing/api-walk/set-scene.ts'
import { walkApi } from '../../examples/reference-server/src/testing/api-walk/walk-api.ts'
import { startAssembledServer } from '../../examples/reference-server/src/testing/assembled-server.ts'

const requestsPerOperation = Number(process.argv[2] ?? 150)
const seed = Number(process.argv[3] ?? Date.now() % 1_000_000)
if (!Number.isSafeInteger(requestsPerOperation) || requestsPerOperation < 1)
  throw new RangeError('give a number of requests')
if (!Number.isSafeInteger(seed)) throw new RangeError('give a whole number as the seed')

console.log(`seed ${seed}`)
const server = await startAssembledServer()
try {
  const document = readApiDocument((await server.call('GET', '/openapi.json')).text)
  const tokens = { good: await server.tokenOf('admin'), weak: await server.tokenOf('anonymous') }
  const { address } = server
  const scene = await setScene(server)
  const prepared = await prepareRequests(server)
  const report = await walkApi({ address, document, tokens, scene, prepared, requestsPerOperation, seed })
  console.log(`${report.requests} requests to ${document.operations.length} operations; answers by status:`)
  console.log(report.answersByStatus)
  console.log(`${document.operations.length - report.neverServed.length} operations served at least once`)
  for (const operation of report.neverServed) console.error(`never served: ${operation}`)
  for (const violation of report.violations.slice(0, 50)) console.error(violation)
  console.log(`${report.violations.length} answers that are not as documented`)
  if (report.violations.length > 0 || report.neverServed.length > 0) process.exitCode = 1
} finally {
  await server.stop()
}
