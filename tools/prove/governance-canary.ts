/**
 * Shows what the guard of a prompt on trial is worth: how often it takes back a version that is as good as the one in force,
 * which must stay below what is promised however long one looks, and how soon it takes back a worse one. Also that a hash gives
 * out the tasks evenly, over a million ids. All chance is seeded. It fails where a promise does not hold.
 * Usage: node --conditions=golden-arch-source tools/prove/governance-canary.ts [trials of each kind, default 2000]
 */
import { simulateTrials } from '../../packages/governance/src/learning/canary/testing/simulate-trials.ts'
import {
  type CanaryPolicy,
  DEFAULT_CANARY_POLICY,
  promptFor,
} from '../../packages/governance/src/learning/index.ts'

const trials = Number(process.argv[2] ?? 2000)
/** Never passed before the last task: the longest look there is. */
const longest = { ...DEFAULT_CANARY_POLICY, tasksWanted: 100_000, maxTasks: 5000 }

console.log(`taken back by mistake, ${trials} trials of 5000 tasks each, decided on after each task`)
for (const falseAlarmMilli of [10, 50]) {
  for (const shareMilli of [10, 100, 500]) {
    const found = [0.01, 0.1, 0.5].map((rate) => {
      const policy: CanaryPolicy = { ...longest, shareMilli, falseAlarmMilli }
      const { rolledBack } = simulateTrials({ policy, canaryRate: rate, productionRate: rate, trials })
      return rolledBack / trials
    })
    const promised = falseAlarmMilli / 1000
    const limit = promised + 4 * Math.sqrt((promised * (1 - promised)) / trials)
    const shares = found.map((one) => `${(100 * one).toFixed(2)} %`).join(', ')
    const head = `  share ${shareMilli / 10} %, promised ${100 * promised} %`
    console.log(`${head}: ${shares} where 1, 10 and 50 % of all tasks fail`)
    if (found.some((one) => one > limit)) fail(`more than promised and chance allow, ${limit}`)
  }
}

console.log('\nworse versions, a tenth of the tasks, by default: passed with 200 outcomes')
for (const productionRate of [0, 0.02, 0.1, 0.3]) {
  for (const canaryRate of [productionRate * 2, productionRate * 4, 0.5, 1]) {
    if (canaryRate <= productionRate || canaryRate > 1) continue
    const policy: CanaryPolicy = { ...DEFAULT_CANARY_POLICY, shareMilli: 100 }
    const { rolledBack, canaryTasksUntilRollback } = simulateTrials({
      policy,
      canaryRate,
      productionRate,
      trials: Math.min(trials, 500),
    })
    const share = (100 * rolledBack) / Math.min(trials, 500)
    const middle = canaryTasksUntilRollback[Math.floor(canaryTasksUntilRollback.length / 2)] ?? 'no'
    const rates = `fails ${(100 * canaryRate).toFixed(0)} % beside ${(100 * productionRate).toFixed(0)} %`
    console.log(`  ${rates}: taken back ${share.toFixed(1)} %, after ${middle} of its tasks in the middle`)
    if (canaryRate === 1 && share < 99) fail('a version that always fails went through')
  }
}

const ids = 1_000_000
const production = { contentSha256: '' }
const canary = { contentSha256: 'f'.repeat(64) }
console.log(`\n${ids.toLocaleString('en')} ids of tasks`)
for (const shareMilli of [1, 100, 500]) {
  let found = 0
  for (let id = 0; id < ids; id++) {
    if (promptFor({ taskId: `task-${id}`, production, canary, shareMilli }) === canary) found++
  }
  const share = shareMilli / 1000
  const deviation = Math.sqrt(ids * share * (1 - share))
  const off = (found - ids * share) / deviation
  console.log(`  share ${shareMilli / 10} %: ${found} on trial, ${off.toFixed(2)} standard deviations off`)
  if (Math.abs(off) > 4.5) fail('the tasks are not given out evenly')
}

function fail(reason: string): void {
  console.error(`FAILED: ${reason}`)
  process.exitCode = 1
}
