import { SqlEventOutbox } from '../../events/index.ts'
import type { SqlDatabase } from '../../storage/index.ts'
import { EffectLedger } from '../effect-ledger.ts'
import type { StepKey } from '../steps/step.ts'
import { TaskSteps } from '../steps/task-steps.ts'
import { eventsOf, isDue } from './sample-tasks.ts'

/** What a step is taken through. */
export interface StepLife {
  readonly database: SqlDatabase
  readonly key: StepKey
  readonly owner: string
  /** The effect of the step on the world outside. */
  call(): void
  /** Told at the beginning of each part of the life. */
  onStage?(name: string): void
}

/** `done`: this life ended the step. `taken`: another had, or holds it. `lost`: another took it meanwhile. */
export type LifeEnd = 'done' | 'taken' | 'lost'

/** Takes a step from its claim to its end, with one call outside that must not happen twice. */
export async function liveStep({ database, key, owner, call, onStage }: StepLife): Promise<LifeEnd> {
  const steps = new TaskSteps({ database, outbox: new SqlEventOutbox(), leaseMs: 60_000 })
  const ledger = new EffectLedger({ database })
  onStage?.('claim')
  const claim = await steps.claim(key, { owner })
  if (claim === undefined) return 'taken'
  try {
    onStage?.('heartbeat')
    if ((await steps.heartbeat(claim)) !== 'held') return 'lost'
    onStage?.('effect')
    const effect = { ...key, effectId: `${key.taskId}/call` }
    const known = await ledger.find(effect)
    if (known.state === 'new') {
      if (!(await ledger.intend(effect, claim))) return 'lost'
      call()
      await ledger.finish(effect, { by: owner }, claim)
    } else if (known.state === 'intended') await ledger.markUncertain(effect, claim)
    onStage?.('finish')
    await steps.finish(claim, { by: owner })
    return 'done'
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'STEP_LEASE_LOST') return 'lost'
    throw error
  }
}

/** What is wrong with a step that was taken to its end, given how often its call was made. */
export async function judgeStep(
  database: SqlDatabase,
  key: StepKey,
  calls: number,
): Promise<readonly string[]> {
  const problems: string[] = []
  const step = await new TaskSteps({ database, outbox: new SqlEventOutbox() }).get(key)
  if (step.state !== 'done') problems.push(`the step is ${step.state}`)
  const ends = (await eventsOf(database, key)).filter((type) => type === 'task.step.done').length
  if (ends !== 1) problems.push(`its end was told ${ends} times`)
  if (!(await isDue(database, key))) problems.push('its task was not woken')
  const effect = await new EffectLedger({ database }).find({ ...key, effectId: `${key.taskId}/call` })
  if (calls > 1) problems.push(`its call was made ${calls} times`)
  // A call that nobody knows of may have been made or not; one that is known was made.
  if (effect.state !== 'uncertain' && (effect.state !== 'done' || calls !== 1))
    problems.push(`its call is ${effect.state} and was made ${calls} times`)
  return problems
}
