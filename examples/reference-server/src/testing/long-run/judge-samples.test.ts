import { expect, it } from 'vitest'
import { curvesOf, judgeSamples } from './judge-samples.ts'
import type { TimedSample } from './long-run.ts'

const samples = (at: (index: number) => TimedSample['sample']): TimedSample[] =>
  Array.from({ length: 80 }, (_, index) => ({ minute: index, sample: at(index) }))

it('keeps a place for what did not answer, so that all curves have one time', () => {
  const seen = samples((index) => (index === 1 ? {} : { waiting: { steps: index } }))
  expect(curvesOf(seen).get('waiting')?.get('steps')?.slice(0, 3)).toEqual([0, undefined, 2])
})

it('names what grew though it must not, and what is kept faster and faster', () => {
  const { problems, figures } = judgeSamples(
    samples((index) => ({
      'memory, MiB': { gateway: 200, orchestrator: 200 + index },
      'disk, MiB': { PostgreSQL: index, JetStream: index ** 2 },
      'an answer, ms': { 'posting a task': 10 * index },
    })),
  )
  expect(problems).toEqual([
    'memory, MiB: orchestrator grew from 230 to 270',
    'disk, MiB: JetStream grows faster and faster',
  ])
  expect(figures).toMatchObject({
    'memory, MiB: gateway': '200 early, 200 late',
    'an answer, ms: posting a task': '300 early, 700 late',
  })
})

it('does not call flat what was hardly seen', () => {
  const seen = samples((index) => (index < 70 ? {} : { connections: { Redis: 7 } }))
  expect(judgeSamples(seen).problems).toEqual(['connections: Redis was not seen often enough'])
})
