/** How a service bears its load: items come, wait for a slot of a pod that is ready, and take their time. */
export interface ServiceLoad {
  readonly service: string
  /** What comes in a usual second; ten times as much in a spike. */
  readonly itemsPerSecond: number
  readonly secondsPerItem: number
  /** Items that a pod has in hand at once; without bound where the work is done elsewhere. */
  readonly slotsPerPod: number
  /** Items that a pod is to bear, by which it is known how many pods a load needs. */
  readonly itemsPerPod: number
  /** The processor's time that an item in hand takes, and what a pod asks for, in thousandths. */
  readonly cpuPerItemMilli: number
  readonly cpuRequestMilli: number
  readonly unit: string
}

/** A guess at each service, its slots as in the code: what is shown is how the autoscaler answers, not how fast the server is. */
export const SERVICE_LOADS: readonly ServiceLoad[] = [
  {
    ...{ service: 'gateway', unit: 'requests in hand', itemsPerSecond: 100, secondsPerItem: 0.05 },
    ...{ slotsPerPod: 20, itemsPerPod: 20, cpuPerItemMilli: 50, cpuRequestMilli: 250 },
  },
  {
    ...{ service: 'orchestrator', unit: 'active tasks', itemsPerSecond: 1, secondsPerItem: 20 },
    ...{ slotsPerPod: Number.POSITIVE_INFINITY, itemsPerPod: 10, cpuPerItemMilli: 5, cpuRequestMilli: 250 },
  },
  {
    ...{ service: 'peer-hub', unit: 'reviews', itemsPerSecond: 0.3, secondsPerItem: 60 },
    ...{ slotsPerPod: 32, itemsPerPod: 32, cpuPerItemMilli: 3, cpuRequestMilli: 250 },
  },
  {
    ...{ service: 'supervisor', unit: 'open escalations', itemsPerSecond: 1 / 60, secondsPerItem: 120 },
    ...{ slotsPerPod: Number.POSITIVE_INFINITY, itemsPerPod: 5, cpuPerItemMilli: 2, cpuRequestMilli: 100 },
  },
  {
    ...{ service: 'sandbox-executor', unit: 'executions', itemsPerSecond: 0.3, secondsPerItem: 5 },
    ...{ slotsPerPod: 2, itemsPerPod: 2, cpuPerItemMilli: 400, cpuRequestMilli: 500 },
  },
  {
    ...{ service: 'agent-runtime', unit: 'model calls', itemsPerSecond: 0.15, secondsPerItem: 20 },
    ...{ slotsPerPod: 4, itemsPerPod: 4, cpuPerItemMilli: 20, cpuRequestMilli: 250 },
  },
]
