import { type ClaimedRun, TaskSteps } from '@golden-arch/core/tasks'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { doubtfulDatabase } from '../../testing/doubtful-database.ts'
import { openedServerDatabase } from '../../testing/server-database.ts'
import type { Question } from './question.ts'
import { AskingBench, type TestAnswer } from './testing/asking-bench.ts'
import { answering, ScriptedPort } from './testing/scripted-port.ts'

const USED = 100
/** Tokens of the hold of a call with an empty prompt: what it is charged where its end is unknown. */
const ESTIMATE = 4000

let opened: Awaited<ReturnType<typeof openedServerDatabase>>
let bench: AskingBench
let steps: TaskSteps

beforeAll(async () => {
  opened = await openedServerDatabase()
  bench = new AskingBench(opened.database)
  steps = new TaskSteps({ database: opened.database, initialDelayMs: 0 })
})
afterAll(() => opened.close())

/** Runs the step that asks the question, as often as it has runs; the first sees the database through `seen`. */
async function runStep(
  question: Question<TestAnswer>,
  model: ScriptedPort,
  seen: typeof opened.database,
): Promise<ClaimedRun<object>['kind'][]> {
  const { tenantId, taskId } = question
  const key = { tenantId, taskId, stepId: 'generate:1' }
  await opened.database.transaction((tx) => steps.request({ ...key, service: 'agent', request: {} }, { tx }))
  const ends: ClaimedRun<object>['kind'][] = []
  for (let database = seen; ; database = opened.database) {
    const heldBy = await steps.claim(key, { owner: 'runner' })
    if (heldBy === undefined) return ends
    const runtime = bench.runtime(model, { database })
    const end = await steps.runClaimed(heldBy, (signal) => runtime.ask({ ...question, heldBy, signal }))
    ends.push(end.kind)
  }
}

it.each([
  ['before the statement', false],
  ['after it', true],
])('a connection that is lost %s, at any of them, costs a run and no step', async (_, tookEffect) => {
  for (let at = 1; ; at++) {
    const question = await bench.question()
    const model = new ScriptedPort('model', () => answering('{"n":1}'))
    const doubtful = doubtfulDatabase(opened.database, at, tookEffect)
    const ends = await runStep(question, model, doubtful.database)
    if (!doubtful.isLost()) {
      expect(at).toBeGreaterThan(5)
      return
    }
    const where = `at operation ${at}`
    expect(ends.at(-1), where).toBe('done')
    const effects = await bench.effects(question)
    const lost = effects.filter(({ state }) => state === 'uncertain').length
    expect(
      effects.map(({ state }) => state),
      where,
    ).not.toContain('intended')
    expect(await bench.cost(question), where).toMatchObject({ used: USED + lost * ESTIMATE, held: 0 })
    expect(model.calls.length, where).toBeLessThanOrEqual(1 + lost)
  }
})
