import { expect, it } from 'vitest'
import { metricNames } from './promql-names.ts'

it.each([
  ['up', ['up']],
  ['sum by (le, a) (rate(x_bucket{le="180", b=~"(c|d)"}[5m])) > 0', ['x_bucket']],
  [
    'topk(10, sum by (route) (rate(http_requests_total{job="up"}[$__rate_interval])))',
    ['http_requests_total'],
  ],
  ['slo:error_ratio:5m / on (slo) (1 - slo:objective{slo=~"$slo"})', ['slo:error_ratio:5m', 'slo:objective']],
  ['x unless x offset 15m or vector(0) and on () y == 2', ['x', 'y']],
  ['time() - process_start_time_seconds', ['process_start_time_seconds']],
  ['count (ALERTS{alertstate="firing"}) or vector(0)', ['ALERTS']],
])('%s: %j', (expr, names) => {
  expect(metricNames(expr)).toEqual(names)
})
