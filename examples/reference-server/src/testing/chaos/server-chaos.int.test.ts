import { describeWithService } from '@golden-arch/testkit'
import { expect, it } from 'vitest'
import { runChaos } from './chaos-run.ts'

/** What a run may take on a machine that does much else; nothing here asks how long it took. */
const SLOW_MS = 1_200_000
const TASKS = ['line-diff', 'roman-numerals', 'json-pointer', 'expression-evaluator', 'cidr-match']

describeWithService('postgres', 'the server, each role a process', () => {
  describeWithService('redis', 'beside Redis', () => {
    describeWithService('nats', 'and NATS', () => {
      it('ends every task as if nobody had been killed, pays for each call once, and loses nothing', {
        timeout: SLOW_MS,
      }, async () => {
        const said: string[] = []
        const { problems, figures } = await runChaos({
          seed: 7,
          taskIds: TASKS,
          kills: 3,
          pauseMs: [500, 2000],
          say: (line) => said.push(line),
          signal: AbortSignal.timeout(0.9 * SLOW_MS),
        })
        expect(problems, said.join('\n')).toEqual([])
        expect(figures).toMatchObject({
          'tasks posted': TASKS.length,
          'tasks as after a calm run': TASKS.length,
          'processes killed': expect.stringMatching(/^([a-z-]+ 1, ){2}[a-z-]+ 1$/),
        })
        // Holds of runs that were killed may lapse, which is told too.
        expect(figures['events of budgets, each once in the audit log']).toBeGreaterThanOrEqual(TASKS.length)
      })
    })
  })
})
