import { describe, expect, it } from 'vitest'
import type { Labels, MetricDefinition, Metrics } from '../metrics.ts'

/** A {@link Metrics} under test, and a way to read what it holds. */
export interface MetricsUnderTest {
  readonly metrics: Metrics
  /** The sum of a counter, the last value of a gauge, or the number of observations of a histogram, with these labels. */
  read(name: string, labels: Labels): Promise<number>
}

const COUNTER: MetricDefinition<'counter'> = {
  kind: 'counter',
  name: 'contract_total',
  help: 'A counter',
  labelNames: ['code'],
}

/** Registers the tests that every {@link Metrics} must pass; `open` gives a fresh one each time. */
export function describeMetricsContract(title: string, open: () => MetricsUnderTest): void {
  describe(`${title} as Metrics`, () => {
    it('a counter adds one by default, and any amount on demand', async () => {
      const { metrics, read } = open()
      const counter = metrics.counter(COUNTER)
      counter.increment({ code: 'a' })
      counter.increment({ code: 'a' }, 4)
      counter.increment({ code: 'b' })
      counter.increment({ code: 'b' }, 0)
      expect(await read('contract_total', { code: 'a' })).toBe(5)
      expect(await read('contract_total', { code: 'b' })).toBe(1)
    })

    it('a gauge keeps the last value', async () => {
      const { metrics, read } = open()
      const gauge = metrics.gauge({ ...COUNTER, kind: 'gauge', name: 'contract_depth' })
      gauge.set(7, { code: 'a' })
      gauge.set(-3, { code: 'a' })
      expect(await read('contract_depth', { code: 'a' })).toBe(-3)
    })

    it('a histogram counts observations', async () => {
      const { metrics, read } = open()
      const histogram = metrics.histogram({
        kind: 'histogram',
        name: 'contract_seconds',
        help: 'A histogram',
        labelNames: [],
        buckets: [0.1, 1],
      })
      histogram.observe(0.05)
      histogram.observe(5)
      expect(await read('contract_seconds', {})).toBe(2)
    })

    it('asking twice for one name gives the same instrument, whatever the order of its labels', async () => {
      const { metrics, read } = open()
      const definition = { ...COUNTER, labelNames: ['a', 'b'] }
      metrics.counter(definition).increment({ a: '1', b: '2' })
      metrics
        .counter({ ...definition, labelNames: ['b', 'a'], help: 'Other words' })
        .increment({ a: '1', b: '2' })
      expect(await read('contract_total', { a: '1', b: '2' })).toBe(2)
    })

    it('refuses one name with another kind, other labels or other buckets', () => {
      const { metrics } = open()
      metrics.counter(COUNTER)
      expect(() => metrics.gauge({ ...COUNTER, kind: 'gauge' })).toThrow(conflict())
      expect(() => metrics.counter({ ...COUNTER, labelNames: [] })).toThrow(conflict())
      const histogram: MetricDefinition<'histogram'> = {
        ...COUNTER,
        kind: 'histogram',
        name: 'contract_seconds',
      }
      metrics.histogram(histogram)
      expect(() => metrics.histogram({ ...histogram, buckets: [1] })).toThrow(conflict())
    })

    it('drops the series of some labels, where it can, and leaves the others', async () => {
      const { metrics, read } = open()
      const counter = metrics.counter(COUNTER)
      const gauge = metrics.gauge({ ...COUNTER, kind: 'gauge', name: 'contract_depth' })
      for (const code of ['a', 'b']) {
        counter.increment({ code })
        gauge.set(5, { code })
      }
      if (counter.remove === undefined || gauge.remove === undefined) return
      for (const code of ['a', 'unknown']) {
        counter.remove({ code })
        gauge.remove({ code })
      }
      expect(await read('contract_total', { code: 'a' })).toBe(0)
      expect(await read('contract_depth', { code: 'a' })).toBe(0)
      expect(await read('contract_total', { code: 'b' })).toBe(1)
      expect(await read('contract_depth', { code: 'b' })).toBe(5)
    })

    it('refuses a label that the definition does not name', () => {
      const { metrics } = open()
      const unknown = expect.objectContaining({ code: 'UNKNOWN_LABEL' })
      expect(() => metrics.counter(COUNTER).increment({ tenant: 't' })).toThrow(unknown)
    })

    it('refuses to shrink a counter and to measure what is not a finite number', () => {
      const { metrics } = open()
      const invalid = expect.objectContaining({ code: 'INVALID_MEASUREMENT' })
      const counter = metrics.counter(COUNTER)
      expect(() => counter.increment({ code: 'a' }, -1)).toThrow(invalid)
      expect(() => counter.increment({ code: 'a' }, Number.NaN)).toThrow(invalid)
      const gauge = metrics.gauge({ ...COUNTER, kind: 'gauge', name: 'contract_depth' })
      expect(() => gauge.set(Number.POSITIVE_INFINITY)).toThrow(invalid)
    })
  })
}

function conflict(): unknown {
  return expect.objectContaining({ code: 'METRIC_CONFLICT' })
}
