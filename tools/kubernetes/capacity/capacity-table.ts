import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readAutoscaler } from '../hpa/read-autoscaler.ts'
import { listAt, textAt, treeAt } from '../manifests/manifest.ts'
import { KUBERNETES_FOLDER, readResources } from '../manifests/read-manifests.ts'
import { workloadsOf } from '../manifests/workload.ts'
import { quantityOf } from '../quantity.ts'
import { planCapacity, type ServicePods, type TaskCost, type WorldPace } from './plan-capacity.ts'

/** Measured: the demo set of 25 tasks on six processes, their starts taken off. */
const TASK: TaskCost = {
  processorSeconds: {
    gateway: 0.09,
    orchestrator: 0.1,
    'peer-hub': 0.07,
    supervisor: 0.09,
    'sandbox-executor': 0.4,
    'agent-runtime': 0.14,
  },
  modelCalls: 5.2,
  // Developers': solutions and what mends them.
  callsOfBusiestRole: 2.4,
  requests: 10,
  escalations: 0.2,
}
/** Assumed. */
const PACE: WorldPace = { secondsPerTask: 120, secondsPerModelCall: 20, secondsPerEscalation: 300 }
/** Assumed, in dollars. */
const PRICE = { coreHour: 0.04, gibibyteHour: 0.005 }
const LOADS = [100, 500, 1000, 2500]
const GIBIBYTE = 2 ** 30
const SERVICES = ['gateway', 'orchestrator', 'peer-hub', 'supervisor', 'sandbox-executor', 'agent-runtime']
/** Their own metrics count what {@link planCapacity} knows; the others go by what waits, which is nothing where there is room. */
const OWN_METRICS: Readonly<Record<string, string>> = {
  gateway: 'http_requests_per_second',
  orchestrator: 'active_tasks',
  supervisor: 'escalations_open',
  'agent-runtime': 'model_calls_open',
}

/** The table of docs/kubernetes/capacity.md, made of the manifests. */
export function capacityTable(): string {
  const services = SERVICES.map(readService)
  const rows = LOADS.map((load) => {
    const { services: planned, cores, bytes, agentsPerRole } = planCapacity(load, services, TASK, PACE)
    const memory = bytes / GIBIBYTE
    const perHour = cores * PRICE.coreHour + memory * PRICE.gibibyteHour
    const cells = [
      load.toLocaleString('en'),
      ...planned.map(({ pods, isBeyondMost }) => (isBeyondMost ? `${pods} *` : String(pods))),
      String(agentsPerRole),
      cores.toFixed(1),
      memory.toFixed(1),
      perHour.toFixed(2),
      ((perHour / load) * 1000).toFixed(2),
    ]
    return `| ${cells.join(' | ')} |`
  })
  const heads = [
    'tasks an hour',
    ...SERVICES,
    'agents of a role',
    'cores',
    'GiB',
    '$ an hour',
    '$ for 1,000 tasks',
  ]
  return [`| ${heads.join(' | ')} |`, `| ${heads.map(() => '---').join(' | ')} |`, ...rows].join('\n')
}

function readService(service: string): ServicePods {
  const spec = readAutoscaler(
    readFileSync(join(KUBERNETES_FOLDER, 'components/hpa', `${service}.yaml`), 'utf8'),
  )
  const workload = workloadsOf(readResources(join(KUBERNETES_FOLDER, 'base'))).find(
    ({ manifest }) => manifest.metadata.name === service,
  )
  const server = listAt(workload?.pod, 'containers').find(({ name }) => name === 'server')
  const requests = treeAt(server, 'resources.requests')
  const own = spec.metrics.find(({ name }) => name === OWN_METRICS[service])
  if (OWN_METRICS[service] !== undefined && own?.target.type !== 'AverageValue') {
    throw new Error(`${service}: no metric ${OWN_METRICS[service]} by pod`)
  }
  return {
    service,
    requestCores: quantityOf(textAt(requests, 'cpu')),
    requestBytes: quantityOf(textAt(requests, 'memory')),
    minReplicas: spec.minReplicas,
    maxReplicas: spec.maxReplicas,
    itemsPerPod: own?.target.type === 'AverageValue' ? own.target.milli / 1000 : undefined,
  }
}
