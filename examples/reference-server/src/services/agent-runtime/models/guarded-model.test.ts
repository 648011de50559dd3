import { RecordingMetrics } from '@golden-arch/core/observability/testing'
import { CircuitBreakerRegistry } from '@golden-arch/core/resilience'
import { FakeClock } from '@golden-arch/core/time/testing'
import { expect, it } from 'vitest'
import { GuardedModel } from './guarded-model.ts'
import type { ModelOutcome } from './model-port.ts'

it('tells how many of its calls are open, whatever comes of them', async () => {
  const metrics = new RecordingMetrics()
  const clock = new FakeClock()
  const name = 'endpoint/model'
  const bounds = { maxConcurrent: 2, timeoutMs: 1000, retryDelayMs: 10 }
  const breakers = new CircuitBreakerRegistry({ clock })
  const port = { name, model: 'model', complete: () => Promise.reject(new Error('unused')) }
  const model = new GuardedModel(port, { breakers, metrics, clock, ...bounds })
  const open = (): number | undefined => metrics.gaugeValue('model_calls_open', { model: name })
  let answer: (outcome: ModelOutcome) => void = () => undefined
  const answered = model.send(() => new Promise((resolve) => (answer = resolve)))
  let refuse: (error: Error) => void = () => undefined
  const refused = model.send(() => new Promise((_resolve, reject) => (refuse = reject)))
  await expect.poll(open).toBe(2)
  answer({ kind: 'not-billed', problem: 'busy', isTransient: true })
  await answered
  expect(open()).toBe(1)
  refuse(new Error('no route'))
  await expect(refused).rejects.toThrow('no route')
  expect(open()).toBe(0)
})
