/** Makes many breakers of one contender and tells, as a line of JSON, what they cost while nobody uses them. */
import { setTimeout as pause } from 'node:timers/promises'
import { CONTENDERS } from './contenders/all.ts'
import type { IdleCost } from './idle-cost.ts'
import { heapBytes, threadMicros } from './measure.ts'

const IDLE_MS = 3000
const [name, count] = [process.argv[2], Number(process.argv[3])]
const makeMany = CONTENDERS.find((one) => one.name === name)?.makeMany
if (makeMany === undefined) throw new RangeError(`no contender ${name} with breakers`)
makeMany(10)
let timers = 0
// Counted as they are started: those that do not keep the process alive are in no list.
const { setInterval: startInterval, setTimeout: startTimeout } = globalThis
Object.assign(globalThis, {
  setInterval: (...given: Parameters<typeof startInterval>) => {
    timers++
    return startInterval(...given)
  },
  setTimeout: (...given: Parameters<typeof startTimeout>) => {
    timers++
    return startTimeout(...given)
  },
})
const before = heapBytes()
const madeAt = threadMicros()
const breakers = makeMany(count)
const madeMicros = threadMicros() - madeAt
const after = heapBytes()
const idleAt = threadMicros()
await pause(IDLE_MS)
const idleMicros = threadMicros() - idleAt
const cost: IdleCost = {
  bytes: (after - before) / breakers.length,
  timers: timers / breakers.length,
  idleMillisPerSecond: idleMicros / IDLE_MS,
  makingMicros: madeMicros / breakers.length,
}
console.log(JSON.stringify(cost))
process.exit(0)
