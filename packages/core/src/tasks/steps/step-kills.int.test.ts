import { describeWithService } from '@golden-arch/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { CrashedSteps, openStepScene, type StepScene } from '../testing/crashed-steps.ts'

/** All that a service does to a step, in order. */
const ACTS = [
  'claim: UPDATE task_steps',
  'heartbeat: UPDATE task_steps',
  'effect: SELECT state,',
  'effect: WITH held',
  'effect: call',
  'effect: WITH held',
  'finish: UPDATE tasks',
  'finish: UPDATE task_steps',
  'finish: INSERT INTO',
  'finish: commit',
]
/** The act that only the intention precedes. */
const CALL = ACTS.indexOf('effect: call') + 1

describeWithService('postgres', 'a service', (address) => {
  let scene: StepScene
  let crashed: CrashedSteps
  beforeAll(async () => {
    scene = await openStepScene(address)
    crashed = new CrashedSteps(scene)
  })
  afterAll(() => scene.close())

  it('takes a step to its end in these acts', async () => {
    expect(await crashed.acts()).toEqual(ACTS)
  })

  it.each(ACTS.map((name, index) => [index + 1, name] as const))(
    'killed before act %i, "%s", leaves a step that another ends once, its call made at most once',
    async (act) => {
      const { problems, calls } = await crashed.killedBefore(act)
      expect(problems).toEqual([])
      // Only a call that was about to be made is not made: nobody knows that it was not.
      expect(calls).toBe(act === CALL ? 0 : 1)
    },
  )

  it.each(ACTS.map((name, index) => [index + 1, name] as const))(
    'paused before act %i, "%s", changes nothing any more once another has taken the step',
    async (act) => {
      const { problems, calls, end } = await crashed.pausedBefore(act)
      expect(problems).toEqual([])
      expect(calls).toBe(1)
      // Who had written the end of the step before the pause has ended it; all others come too late.
      const hasEnded = act > ACTS.indexOf('finish: UPDATE task_steps') + 1
      expect(end).toBe(hasEnded ? 'done' : act === 1 ? 'taken' : 'lost')
    },
  )
})
