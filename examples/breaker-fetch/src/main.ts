/** A fetch that tries again where that helps, never waits for long, and leaves a service alone that is down. */
import { setTimeout } from 'node:timers/promises'
import { isGoldenError } from '@golden-arch/core/errors'
import { CircuitBreaker, compose, retry, timeout } from '@golden-arch/core/resilience'
import { type Mood, startFlakyServer } from './flaky-server.ts'

const server = await startFlakyServer()

const breaker = new CircuitBreaker('weather', { failureThreshold: 3, recoveryTimeoutMs: 2500 })
const policy = compose(
  // A GET may be repeated: without `isIdempotent` only what certainly did nothing is tried again.
  retry({ maxAttempts: 3, isIdempotent: true, backoff: { initialDelayMs: 10, maxDelayMs: 100 } }),
  breaker, // asked before each attempt
  timeout({ timeoutMs: 2000 }), // of each attempt
)

function weather(): Promise<string> {
  return policy.execute(async (signal) => {
    const response = await fetch(server.url, { signal })
    // fetch throws at no status: a 503 counts, and is tried again, because it is thrown here.
    if (!response.ok) throw response
    return response.text()
  })
}

const WIDTHS = [34, 16, 10]
function print(...cells: readonly (string | number)[]): void {
  console.log(cells.map((cell, column) => String(cell).padEnd(WIDTHS[column] ?? 0)).join(''))
}
async function show(title: string, ...moods: readonly Mood[]): Promise<void> {
  server.next(...moods)
  const before = server.requests()
  const said = await weather().catch((error) => (isGoldenError(error) ? error.code : `HTTP ${error.status}`))
  print(title, said, server.requests() - before, breaker.state.status)
}

print('the service', 'the caller gets', 'requests', 'circuit')
await show('answers')
await show('fails once', 'unavailable')
await show('does not answer, once', 'silent')
await show('is down', 'unavailable', 'unavailable', 'unavailable')
await show('is left alone')
await setTimeout(2500) // the recovery time
await show('is asked again, by one probe')

server.close()
