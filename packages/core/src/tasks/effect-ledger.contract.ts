import { randomName } from '@golden-arch/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SqlEventOutbox } from '../events/index.ts'
import type { SqlDatabase } from '../storage/index.ts'
import { type EffectKey, EffectLedger } from './effect-ledger.ts'
import { TaskSteps } from './steps/task-steps.ts'
import { claimed, makeDue, requestStep } from './testing/sample-steps.ts'
import { addTask } from './testing/sample-tasks.ts'
import type { TaskDatabase } from './testing/task-databases.ts'

/** What effects do on any SqlDatabase. Registers its tests. */
export function effectLedgerContract(title: string, open: () => Promise<TaskDatabase>): void {
  describe(`effects on ${title}`, () => {
    let opened: TaskDatabase
    let database: SqlDatabase
    let ledger: EffectLedger
    let steps: TaskSteps

    beforeAll(async () => {
      opened = await open()
      database = opened.database
      ledger = new EffectLedger({ database })
      steps = new TaskSteps({ database, outbox: new SqlEventOutbox() })
    })
    afterAll(() => opened.close())

    async function newKey(): Promise<EffectKey> {
      return { ...(await addTask(database)), effectId: randomName('call') }
    }

    it('lets one caller intend an effect, and replays its result', async () => {
      const key = await newKey()
      expect(await ledger.find(key)).toEqual({ state: 'new' })
      const intents = await Promise.all([ledger.intend(key), ledger.intend(key), ledger.intend(key)])
      expect(intents.filter(Boolean)).toHaveLength(1)
      expect(await ledger.find(key)).toEqual({ state: 'intended' })
      await ledger.finish(key, { answer: 42 })
      expect(await ledger.find(key)).toEqual({ state: 'done', result: { answer: 42 } })
      await expect(ledger.finish(key, { answer: 43 })).rejects.toMatchObject({ code: 'EFFECT_NOT_INTENDED' })
      await expect(ledger.markUncertain(key)).rejects.toMatchObject({ code: 'EFFECT_NOT_INTENDED' })
      expect(await ledger.find(key)).toEqual({ state: 'done', result: { answer: 42 } })
    })

    it('keeps an effect uncertain whose intention outlived its caller', async () => {
      const key = await newKey()
      await ledger.intend(key)
      await ledger.markUncertain(key)
      expect(await ledger.find(key)).toEqual({ state: 'uncertain' })
      expect(await ledger.intend(key)).toBe(false)
    })

    it('shows no effect to another tenant', async () => {
      const key = await newKey()
      await ledger.intend(key)
      expect(await ledger.find({ ...key, tenantId: 'other' })).toEqual({ state: 'new' })
    })

    it('lets the holder of a step intend and finish its effects', async () => {
      const claim = await claimed(steps, await requestStep(database, steps))
      const key = { ...claim, effectId: randomName('call') }
      const intents = await Promise.all([ledger.intend(key, claim), ledger.intend(key, claim)])
      expect(intents.filter(Boolean)).toHaveLength(1)
      expect(await ledger.find(key)).toEqual({ state: 'intended', fence: 1 })
      await ledger.finish(key, { answer: 1 }, claim)
      expect(await ledger.find(key)).toEqual({ state: 'done', result: { answer: 1 } })
      await expect(ledger.finish(key, { answer: 2 }, claim)).rejects.toMatchObject({
        code: 'EFFECT_NOT_INTENDED',
      })
    })

    it('takes no word from a paused holder whose step another has claimed', async () => {
      const step = await requestStep(database, steps)
      const paused = await claimed(steps, step, 'paused')
      const begun = { ...step, effectId: randomName('begun') }
      const fresh = { ...step, effectId: randomName('fresh') }
      await ledger.intend(begun, paused)
      await makeDue(database, step)
      const other = await claimed(steps, step, 'other')
      const lost = { code: 'STEP_LEASE_LOST', details: { state: 'running' } }
      await expect(ledger.intend(fresh, paused)).rejects.toMatchObject(lost)
      await expect(ledger.intend(begun, paused)).rejects.toMatchObject(lost)
      await expect(ledger.finish(begun, { by: 'paused' }, paused)).rejects.toMatchObject(lost)
      await expect(ledger.markUncertain(begun, paused)).rejects.toMatchObject(lost)
      expect(await ledger.find(fresh)).toEqual({ state: 'new' })
      expect(await ledger.find(begun)).toEqual({ state: 'intended', fence: 1 })
      await ledger.markUncertain(begun, other)
      expect(await ledger.intend(fresh, other)).toBe(true)
      expect(await ledger.find(begun)).toEqual({ state: 'uncertain' })
      expect(await ledger.find(fresh)).toEqual({ state: 'intended', fence: 2 })
    })

    it.each(['done', 'cancelled', 'requested'] as const)(
      'takes no word from a holder whose step is %s',
      async (state) => {
        const step = await requestStep(database, steps)
        const claim = await claimed(steps, step)
        const key = { ...step, effectId: randomName('call') }
        await ledger.intend(key, claim)
        if (state === 'done') await steps.finish(claim, {})
        else if (state === 'cancelled') await database.transaction((tx) => steps.cancelOpen(step, { tx }))
        else await steps.release(claim)
        const lost = { code: 'STEP_LEASE_LOST', details: { state } }
        await expect(ledger.finish(key, {}, claim)).rejects.toMatchObject(lost)
        await expect(ledger.intend({ ...key, effectId: 'e' }, claim)).rejects.toMatchObject(lost)
      },
    )

    it('yields to a claim that is being made, whether it has been written or not', async () => {
      const step = await requestStep(database, steps)
      const before = await claimed(steps, step, 'before')
      const key = { ...step, effectId: randomName('call') }
      const [written, mayCommit] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
      const claiming = database.transaction(async (tx) => {
        await tx.query('UPDATE task_steps SET fence = fence + 1 WHERE task_id = $1', [step.taskId])
        written.resolve()
        await mayCommit.promise
      })
      await written.promise
      const intent = ledger.intend(key, before)
      intent.catch(() => {})
      // Time enough for a word that does not wait; where only one transaction can be open, every word waits.
      const isShared = database.capabilities.maxConcurrentTransactions > 1
      for (let trip = 0; isShared && trip < 30; trip++) await ledger.find(key)
      mayCommit.resolve()
      await claiming
      await expect(intent).rejects.toMatchObject({ code: 'STEP_LEASE_LOST' })
      expect(await ledger.find(key)).toEqual({ state: 'new' })
    })

    it('lets one of two claims act, however their words meet', async () => {
      const step = await requestStep(database, steps)
      for (let round = 1; round <= 10; round++) {
        const before = await claimed(steps, step, 'before')
        await makeDue(database, step)
        const key = { ...step, effectId: `${step.taskId}/${round}` }
        const [intended, after] = await Promise.all([
          ledger.intend(key, before).catch(() => false),
          steps.claim(step, { owner: 'after' }),
        ])
        if (after === undefined) throw new Error('the lapsed step was not claimed')
        // Whatever came first: what the claim sees afterwards is all that the one before it has done.
        const known = await ledger.find(key)
        expect(known.state).toBe(intended ? 'intended' : 'new')
        await steps.release(after)
        await database.query('UPDATE task_steps SET runs = 0 WHERE task_id = $1', [step.taskId])
      }
    })
  })
}
