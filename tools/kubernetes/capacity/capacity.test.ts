import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { capacityTable } from './capacity-table.ts'
import { planCapacity, type ServicePods } from './plan-capacity.ts'

const COST = {
  processorSeconds: { 'agent-runtime': 0.5 },
  modelCalls: 4,
  callsOfBusiestRole: 2,
  requests: 1,
  escalations: 0,
}
const PACE = { secondsPerTask: 60, secondsPerModelCall: 10, secondsPerEscalation: 1 }
const runtime = (more: Partial<ServicePods> = {}): ServicePods => ({
  ...{ service: 'agent-runtime', requestCores: 1, requestBytes: 100, minReplicas: 2, maxReplicas: 10 },
  itemsPerPod: 5,
  ...more,
})
const podsOf = (tasksPerHour: number, service = runtime()): unknown =>
  planCapacity(tasksPerHour, [service], COST, PACE).services[0]

describe('the pods for a load', () => {
  it('are never fewer than the least', () => {
    expect(podsOf(1)).toMatchObject({ pods: 2, isBeyondMost: false })
  })

  it('bear what is open at once, as many as come while one lasts', () => {
    // One task a second, of four calls of ten seconds: 40 are open.
    expect(podsOf(3600)).toMatchObject({ pods: 8 })
  })

  it('have their processor to seven tenths, where that asks for more', () => {
    expect(podsOf(3600, runtime({ requestCores: 0.05 }))).toMatchObject({ pods: 15, isBeyondMost: true })
    expect(podsOf(36_000, runtime({ itemsPerPod: undefined }))).toMatchObject({ pods: 8 })
  })

  it('ask in the name of agents that are busy seven tenths of the time', () => {
    // One task a second, of two calls of one role of ten seconds each: 20 are at work.
    expect(planCapacity(3600, [runtime()], COST, PACE)).toMatchObject({ agentsPerRole: 29 })
  })

  it('ask together for what each asks for', () => {
    expect(planCapacity(3600, [runtime()], COST, PACE)).toMatchObject({ cores: 8, bytes: 800 })
  })
})

it('the table of the document is the one that the manifests make', () => {
  expect(readFileSync('docs/kubernetes/capacity.md', 'utf8')).toContain(capacityTable())
})
