/**
 * Asks the server of this container whether it lives, as the image's HEALTHCHECK: exit code 0 where it does.
 * Usage: node tools/health-check.ts
 */
import { get } from 'node:http'

const ANSWER_LIMIT_MS = 4_000

const { HOST = '', METRICS_PORT, PORT } = process.env
// A listener on all addresses is asked on its own machine's.
const host = ['', '0.0.0.0', '::'].includes(HOST) ? '127.0.0.1' : HOST
const port = METRICS_PORT || PORT || '8000'
process.exitCode = 1
const asking = get({ host, port, path: '/health/live', timeout: ANSWER_LIMIT_MS }, (answer) => {
  process.exitCode = answer.statusCode === 200 ? 0 : 1
  answer.resume()
})
asking.once('timeout', () => asking.destroy(new Error('no answer')))
asking.once('error', (error) => console.error(`${host}:${port}: ${error.message}`))
