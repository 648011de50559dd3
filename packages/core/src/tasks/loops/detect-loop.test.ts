import { invalidOption } from '@golden-arch/testkit/options'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { detectLoop, type LoopStep } from './detect-loop.ts'

const step = (change: Partial<LoopStep>): LoopStep => ({
  service: 'agent',
  kind: 'generate',
  request: {},
  state: 'done',
  result: {},
  error: null,
  ...change,
})

const anyKind = fc.constantFrom('plan', 'generate', 'test', 'review:security')
const anyJson = fc.jsonValue({ maxDepth: 3 })
const anyStep = fc.record<LoopStep>({
  service: fc.constantFrom('agent', 'sandbox'),
  kind: anyKind,
  request: anyJson,
  state: fc.constantFrom('requested', 'running', 'done', 'failed', 'cancelled'),
  result: anyJson,
  error: anyJson,
})

/** The same value with the keys of its objects the other way round. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, one]) => [key, reversed(one)]),
  )
}

describe('the detector of loops', () => {
  it('raises no alarm where every request and every result is another', () => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 60 }), (steps) => {
        const distinct = steps.map((one, index) => ({
          ...one,
          request: { index, request: one.request },
          result: { index, result: one.result },
          error: { index, error: one.error },
        }))
        expect(detectLoop(distinct)).toBeUndefined()
      }),
    )
  })

  it('always finds a request that is made for the third time, wherever and in whatever order of keys', () => {
    fc.assert(
      fc.property(
        fc.array(anyStep, { maxLength: 30 }),
        anyStep,
        fc.tuple(fc.nat(30), fc.nat(30), fc.nat(30)),
        (others, repeated, places) => {
          const steps = [...others]
          for (const [index, place] of places.entries()) {
            const request = index === 1 ? reversed(repeated.request) : repeated.request
            steps.splice(place, 0, { ...repeated, request, result: { index }, error: { index } })
          }
          expect(detectLoop(steps)?.reason).toMatch(/^(loop-detected|no-progress)$/)
        },
      ),
    )
  })

  it('always finds three results of a kind in a row that are the same, whatever came between of another kind', () => {
    fc.assert(
      fc.property(
        anyKind,
        anyJson,
        fc.boolean(),
        fc.array(anyStep, { maxLength: 9 }),
        (kind, end, isDone, others) => {
          const same = [1, 2, 3].map((index) =>
            step({
              kind,
              request: { index },
              state: isDone ? 'done' : 'failed',
              result: isDone ? end : { index },
              error: isDone ? { index } : end,
            }),
          )
          const between = others.filter((one) => one.kind !== kind)
          const steps = same.flatMap((one, index) => [one, ...between.slice(3 * index, 3 * index + 3)])
          expect(detectLoop(steps)).toBeDefined()
        },
      ),
    )
  })

  it('never lets a task ask for more steps than it may', () => {
    fc.assert(
      fc.property(
        fc.array(anyStep, { maxLength: 40 }),
        fc.integer({ min: 1, max: 40 }),
        (steps, maxSteps) => {
          const isFull = steps.length >= maxSteps
          const found = detectLoop(steps, { maxSteps, maxIdenticalRequests: 1000, maxSameResults: 1000 })
          expect(found).toEqual(isFull ? { reason: 'step-limit', count: steps.length } : undefined)
        },
      ),
    )
  })

  it('says which kind repeats itself, and how often', () => {
    const other = step({ kind: 'test', request: { n: 1 } })
    const same = [1, 2, 3].map((n) => step({ request: { a: 1, b: 2 }, result: { n } }))
    expect(detectLoop([...same, other])).toEqual({ reason: 'loop-detected', kind: 'generate', count: 3 })
    expect(detectLoop([...same.slice(1), other])).toBeUndefined()
    expect(detectLoop(same, { maxIdenticalRequests: 4 })).toBeUndefined()
  })

  it('takes a result that comes again after another for progress', () => {
    const results = ['a', 'a', 'b', 'a', 'a']
    const steps = results.map((result, n) => step({ request: { n }, result }))
    expect(detectLoop(steps)).toBeUndefined()
    expect(detectLoop([...steps, step({ request: { n: 9 }, result: 'a' })])).toEqual({
      reason: 'no-progress',
      kind: 'generate',
      count: 3,
    })
  })

  it('compares neither the results of steps that have none nor those of different kinds', () => {
    const open = [1, 2, 3].map((n) => step({ request: { n }, state: 'requested', result: null }))
    expect(detectLoop(open)).toBeUndefined()
    const reviews = ['security', 'architect', 'reviewer'].map((role) =>
      step({ kind: `review:${role}`, result: { approve: true } }),
    )
    expect(detectLoop(reviews)).toBeUndefined()
    const services = ['a', 'b', 'c'].map((service) => step({ service, result: { service } }))
    expect(detectLoop(services)).toBeUndefined()
  })

  it('tells keys that an object would reorder or hide apart', () => {
    const keys = ['__proto__', '1', '01', 'a']
    const steps = keys.map((key) => step({ request: JSON.parse(`{"${key}":1}`), result: { key } }))
    expect(detectLoop(steps, { maxIdenticalRequests: 2 })).toBeUndefined()
  })

  it.each([
    ['maxSteps', 0],
    ['maxIdenticalRequests', 1],
    ['maxSameResults', 1.5],
  ])('refuses %s of %d', (option, value) => {
    expect(() => detectLoop([], { [option]: value })).toThrow(invalidOption(option))
  })
})
