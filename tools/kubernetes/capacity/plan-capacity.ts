/** What one task of the demo costs, as a run of it on six processes tells (`npm run prove -- server-chaos`). */
export interface TaskCost {
  /** Processor time of each service, in seconds. */
  readonly processorSeconds: Readonly<Record<string, number>>
  readonly modelCalls: number
  /** Those of them that the busiest role of agents makes. */
  readonly callsOfBusiestRole: number
  readonly requests: number
  readonly escalations: number
}

/** What the world outside adds: how long models and people take. */
export interface WorldPace {
  readonly secondsPerTask: number
  readonly secondsPerModelCall: number
  readonly secondsPerEscalation: number
}

/** What a service asks for, and between which numbers of pods it is scaled. */
export interface ServicePods {
  readonly service: string
  readonly requestCores: number
  readonly requestBytes: number
  readonly minReplicas: number
  readonly maxReplicas: number
  /** Of its own metric, what a pod is to bear; undefined where the processor alone decides. */
  readonly itemsPerPod: number | undefined
}

/** The pods that a service needs for a load. */
export interface PlannedPods {
  readonly service: string
  readonly pods: number
  /** Whether the autoscaler would stop before. */
  readonly isBeyondMost: boolean
}

/** What a load needs in all. */
export interface CapacityPlan {
  readonly services: readonly PlannedPods[]
  readonly cores: number
  readonly bytes: number
  /** Agents of each role that a tenant needs which posts all of it. */
  readonly agentsPerRole: number
}

const TARGET_UTILIZATION = 0.7

/** The pods for so many tasks an hour: of processor and the service's own metric, the one that asks for more. */
export function planCapacity(
  tasksPerHour: number,
  services: readonly ServicePods[],
  cost: TaskCost,
  pace: WorldPace,
): CapacityPlan {
  const perSecond = tasksPerHour / 3600
  // As many are open as come while one lasts (Little's law).
  const itemsOpen: Readonly<Record<string, number>> = {
    gateway: perSecond * cost.requests,
    orchestrator: perSecond * pace.secondsPerTask,
    supervisor: perSecond * cost.escalations * pace.secondsPerEscalation,
    'agent-runtime': perSecond * cost.modelCalls * pace.secondsPerModelCall,
  }
  const planned = services.map((service) => {
    const { itemsPerPod, requestCores, minReplicas, maxReplicas } = service
    const cores = perSecond * (cost.processorSeconds[service.service] ?? 0)
    const byProcessor = cores / (requestCores * TARGET_UTILIZATION)
    const byItems = itemsPerPod === undefined ? 0 : (itemsOpen[service.service] ?? 0) / itemsPerPod
    const pods = Math.max(minReplicas, Math.ceil(Math.max(byProcessor, byItems)))
    return { ...service, pods, isBeyondMost: pods > maxReplicas }
  })
  return {
    services: planned.map(({ service, pods, isBeyondMost }) => ({ service, pods, isBeyondMost })),
    cores: planned.reduce((sum, { pods, requestCores }) => sum + pods * requestCores, 0),
    bytes: planned.reduce((sum, { pods, requestBytes }) => sum + pods * requestBytes, 0),
    agentsPerRole: Math.ceil(
      (perSecond * cost.callsOfBusiestRole * pace.secondsPerModelCall) / TARGET_UTILIZATION,
    ),
  }
}
