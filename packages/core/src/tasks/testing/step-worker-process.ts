/**
 * A service that works until it is killed: `node step-worker-process.ts <settings as JSON>`. It polls for steps, takes
 * each through calls that must not happen twice, and ends it. A call whose end is not known is not made again; another
 * one is, under the next number.
 */

import { appendFileSync } from 'node:fs'
import type { SchemaPoolConfig } from '@golden-arch/testkit'
import pg from 'pg'
import { SqlEventOutbox } from '../../events/index.ts'
import { PgDatabase } from '../../storage/index.ts'
import { sleep } from '../../time/index.ts'
import { EffectLedger } from '../effect-ledger.ts'
import type { ClaimedStep } from '../steps/step.ts'
import { TaskSteps } from '../steps/task-steps.ts'

/** What the process is told. */
export interface StepWorkerSettings {
  readonly pool: SchemaPoolConfig
  readonly service: string
  /** A file that takes a line for each call, with the id of the effect. */
  readonly callLog: string
  readonly leaseMs: number
}

const CALLS = 3
const MAX_TRIES = 1000
const settings: StepWorkerSettings = JSON.parse(process.argv[2] ?? '')
const database = new PgDatabase({ pool: new pg.Pool({ ...settings.pool, max: 3 }) })
const steps = new TaskSteps({
  database,
  outbox: new SqlEventOutbox(),
  leaseMs: settings.leaseMs,
  pollGraceMs: 0,
  initialDelayMs: 0,
})
const ledger = new EffectLedger({ database })

/** Makes call `number` of a step, under the first effect that nobody has lost; its id. */
async function callOf(step: ClaimedStep, number: number, signal: AbortSignal): Promise<string> {
  for (let attempt = 1; attempt <= MAX_TRIES; attempt++) {
    const effect = { ...step, effectId: `${step.taskId}/${number}/${attempt}` }
    const known = await ledger.find(effect)
    if (known.state === 'done') return effect.effectId
    if (known.state === 'intended') await ledger.markUncertain(effect, step)
    if (known.state !== 'new') continue
    if (!(await ledger.intend(effect, step))) continue
    // Whoever has lost the step by now leaves the call to the next one.
    signal.throwIfAborted()
    appendFileSync(settings.callLog, `${effect.effectId}\n`)
    await sleep(5, { signal })
    await ledger.finish(effect, { isDone: true }, step)
    return effect.effectId
  }
  throw new Error('too many calls were lost')
}

for (;;) {
  const step = await steps.claimNext({ service: settings.service, owner: `process-${process.pid}` })
  if (step === undefined) {
    await sleep(20)
    continue
  }
  await steps.runClaimed(step, async (signal) => {
    const calls: string[] = []
    for (let number = 1; number <= CALLS; number++) calls.push(await callOf(step, number, signal))
    return { calls }
  })
}
