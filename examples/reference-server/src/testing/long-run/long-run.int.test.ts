import { describeWithService } from '@golden-arch/testkit'
import { expect, it } from 'vitest'
import { curvesOf } from './judge-samples.ts'
import { runLong } from './long-run.ts'

/** What a run may take on a machine that does much else; nothing here asks how long it took. */
const SLOW_MS = 1_200_000

describeWithService('postgres', 'the server, two processes of some roles', () => {
  describeWithService('redis', 'beside Redis', () => {
    describeWithService('nats', 'and NATS', () => {
      it('is seen at work through its faults, and ends every task as in a calm run', {
        timeout: SLOW_MS,
      }, async () => {
        const said: string[] = []
        const { problems, figures, samples } = await runLong({
          seed: 3,
          minutes: 0.15,
          tasksPerMinute: 20,
          shakenRoles: ['gateway', 'agent-runtime'],
          lookEveryMs: 1000,
          pauseMs: [1000, 2000],
          say: (line) => said.push(line),
          signal: AbortSignal.timeout(0.9 * SLOW_MS),
        })
        expect(problems, said.join('\n')).toEqual([])
        expect(figures).toMatchObject({ 'tasks posted': 3, 'tasks as after a calm run': 3 })
        const panels = curvesOf(samples)
        // Each of these is read from another place.
        for (const [panel, curve] of [
          ['memory, MiB', 'agent-runtime'],
          ['memory, MiB', 'NATS'],
          ['file handles of PostgreSQL', 'all its processes'],
          ['connections', 'Redis'],
          ['waiting', 'messages in JetStream'],
          ['an answer, ms', 'listing 20 tasks'],
        ] as const) {
          const measured = panels
            .get(panel)
            ?.get(curve)
            ?.filter((value) => value !== undefined)
          expect(measured?.length, `${panel}: ${curve}`).toBeGreaterThan(0)
        }
      })
    })
  })
})
