import { describeMetricsContract } from './metrics.contract.ts'
import { RecordingMetrics } from './recording-metrics.ts'

describeMetricsContract('RecordingMetrics', () => {
  const metrics = new RecordingMetrics()
  return {
    metrics,
    read: async (name, labels) => {
      if (name.endsWith('_seconds')) return metrics.values(name, labels).length
      return name.endsWith('_total')
        ? metrics.counterValue(name, labels)
        : (metrics.gaugeValue(name, labels) ?? 0)
    },
  }
})
