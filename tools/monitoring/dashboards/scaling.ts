import { type DashboardPlan, lines, perSecond } from '../dashboard-plan.ts'

const PODS = 'namespace="golden-architecture"'
const PROCESS = 'job="golden-architecture", instance=~"$instance"'

/** Replicas, CPU and memory, and the load that scalers go by. */
export const scaling: DashboardPlan = {
  name: 'scaling',
  title: 'Scaling',
  description:
    'The load that scalers go by, what processes use, and, in a cluster with kube-state-metrics and cAdvisor, its replicas.',
  choices: [{ name: 'instance', label: 'Process', series: 'up{job="golden-architecture"}' }],
  rows: [
    {
      title: 'Load',
      panels: [
        lines('Active tasks', 'short', { active: 'max(active_tasks)' }),
        lines('Work that is due, by service', 'short', { '{{service}}': 'max by (service) (queue_depth)' }),
        lines('Open calls of models', 'short', { open: 'sum(model_calls_open)' }),
        lines('Executions that wait', 'short', { '{{backend}}': 'sum by (backend) (sandbox_queue_depth)' }),
        lines('Open escalations', 'short', { open: 'max(escalations_open)' }),
        lines('Time to consensus, p95', 's', { p95: 'peer_review_consensus_time_p95' }, { badFrom: 150 }),
      ],
    },
    {
      title: 'Processes',
      panels: [
        lines('CPU', 'percentunit', {
          '{{instance}}': `rate(process_cpu_seconds_total{${PROCESS}}[$__rate_interval])`,
        }),
        lines('Memory', 'bytes', { '{{instance}}': `process_resident_memory_bytes{${PROCESS}}` }),
        lines('Lag of the event loop, p99', 's', {
          '{{instance}}': `nodejs_eventloop_lag_p99_seconds{${PROCESS}}`,
        }),
        lines('Heap', 'bytes', { '{{instance}}': `nodejs_heap_size_used_bytes{${PROCESS}}` }),
        lines('Pauses for garbage', 'percentunit', {
          '{{instance}}': perSecond(`nodejs_gc_duration_seconds_sum{${PROCESS}}`, 'instance'),
        }),
        lines('Age', 's', { '{{instance}}': `time() - process_start_time_seconds{${PROCESS}}` }),
      ],
    },
    {
      title: 'Cluster',
      panels: [
        lines('Replicas', 'short', {
          '{{horizontalpodautoscaler}}': `kube_horizontalpodautoscaler_status_current_replicas{${PODS}}`,
          '{{horizontalpodautoscaler}}, wanted': `kube_horizontalpodautoscaler_status_desired_replicas{${PODS}}`,
          '{{horizontalpodautoscaler}}, at most': `kube_horizontalpodautoscaler_spec_max_replicas{${PODS}}`,
        }),
        lines('CPU of pods', 'short', {
          '{{pod}}': `sum by (pod) (rate(container_cpu_usage_seconds_total{${PODS}, container!=""}[$__rate_interval]))`,
        }),
        lines('Memory of pods', 'bytes', {
          '{{pod}}': `sum by (pod) (container_memory_working_set_bytes{${PODS}, container!=""})`,
        }),
        lines('Starts anew', 'short', {
          '{{pod}}': `sum by (pod) (increase(kube_pod_container_status_restarts_total{${PODS}}[1h]))`,
        }),
      ],
    },
  ],
}
