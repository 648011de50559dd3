/**
 * Proves that a limit shared through Redis is never exceeded: random schedules of three processes on a real Redis, most by
 * a simulated clock, some by the real one with windows of 300 ms and of a minute; and that each policy is obeyed, and how
 * soon calls are answered, while Redis is killed, frozen with SIGSTOP, restarted, flushed and made to forget its scripts.
 * Usage: node --conditions=golden-arch-source tools/prove/security-rate-limit.ts [schedules, default 10000]
 */
import { startRedis } from '@golden-arch/testkit'
import { liveThroughOutages } from '../../packages/core/src/security/rate-limit/testing/outage-scenarios.ts'
import {
  holdRealSchedules,
  holdSimulatedSchedules,
  type ScheduleFigures,
} from '../../packages/core/src/security/rate-limit/testing/schedule-scenarios.ts'

const AIM_MS = 150
const MINUTE_MS = 60_000
const schedules = Number(process.argv[2] ?? 10_000)
const seed = Math.floor(Math.random() * 2 ** 24)

function tell(what: string, { schedules, calls, admitted, full }: ScheduleFigures): void {
  console.log(`${what}: ${schedules} schedules held, ${full} of them with a window that was full`)
  console.log(`  ${calls} calls, ${admitted} admitted`)
}

const redis = await startRedis()
try {
  console.log(`seed ${seed}`)
  tell('simulated minutes', await holdSimulatedSchedules(redis.address, 'simulated', schedules, seed))
  tell('real windows of 300 ms', await holdRealSchedules(redis.address, 'short', 200, 300, 15_000))
  tell('real minutes', await holdRealSchedules(redis.address, 'minute', 100, MINUTE_MS, 2.2 * MINUTE_MS))
  for (const figures of await liveThroughOutages(redis, 'outage', 5000)) {
    const { outage, calls, worstMs, p99Ms, returnedAfterMs } = figures
    console.log(`Redis ${outage}: ${calls} answers by the policy, p99 ${p99Ms.toFixed(1)} ms`)
    const verdict = worstMs < AIM_MS ? 'reached' : 'missed'
    console.log(`  the longest ${worstMs.toFixed(0)} ms; aim ${AIM_MS} ms: ${verdict}`)
    console.log(`  Redis decides again ${returnedAfterMs.toFixed(0)} ms after it was back`)
  }
} finally {
  await redis.stop()
}
