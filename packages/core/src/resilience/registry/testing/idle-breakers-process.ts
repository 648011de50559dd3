/**
 * Measures what idle breakers cost: `node --expose-gc idle-breakers-process.ts <how many>`. Prints the bytes of each and
 * the resources that keep the process awake.
 */
import { CircuitBreakerRegistry } from '../circuit-breaker-registry.ts'

// Safe: the flag --expose-gc puts it there.
const { gc } = globalThis as typeof globalThis & { gc: () => void }
const count = Number(process.argv[2])
const names = Array.from({ length: count }, (_, index) => `openai/tenant-${index}`)

/** What the collector of earlier garbage leaves, after a few rounds of it. */
function usedBytes(): number {
  for (let round = 0; round < 4; round++) gc()
  return process.memoryUsage().heapUsed
}

const call = async (): Promise<number> => 1
const registry = new CircuitBreakerRegistry({ maxCircuits: count })
await registry.get('warm').execute(call)
const beforeBytes = usedBytes()
for (const name of names) await registry.get(name).execute(call)
const bytesEach = (usedBytes() - beforeBytes) / count
const timers = process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length
console.log(JSON.stringify({ bytesEach: Math.round(bytesEach), timers, circuits: registry.size }))
