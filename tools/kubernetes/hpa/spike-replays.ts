import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AutoscalerSpec } from './autoscaler-spec.ts'
import { readAutoscaler } from './read-autoscaler.ts'
import { replaySpike, type SpikeReplay } from './replay-spike.ts'
import { SERVICE_LOADS, type ServiceLoad } from './service-load.ts'

/** Where the autoscalers are. */
export const AUTOSCALERS_FOLDER: string = join('k8s', 'components', 'hpa')

/** A spike against the autoscaler as it is, and against one that only ever doubles. */
export interface ServiceReplay {
  readonly load: ServiceLoad
  readonly spec: AutoscalerSpec
  readonly asWritten: SpikeReplay
  readonly byPercent: SpikeReplay
}

/** Replays a spike for each service, against the YAML that is deployed. */
export function replayAll(): readonly ServiceReplay[] {
  return SERVICE_LOADS.map((load) => {
    const spec = readAutoscaler(readFileSync(join(AUTOSCALERS_FOLDER, `${load.service}.yaml`), 'utf8'))
    const policies = spec.scaleUp.policies.filter(({ type }) => type === 'Percent')
    const doubling = { ...spec, scaleUp: { ...spec.scaleUp, policies } }
    return { load, spec, asWritten: replaySpike(spec, load), byPercent: replaySpike(doubling, load) }
  })
}
