/**
 * Replays ten times the load of each service against the autoscalers below k8s/components/hpa, prints how long pods take
 * to come and to go, and draws it into docs/kubernetes. Fails where a spike is not borne, or where pods never go again.
 * Usage: npx node tools/prove/kubernetes-scaling.ts
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { scalingPictures } from '../kubernetes/hpa/scaling-pictures.ts'
import { replayAll } from '../kubernetes/hpa/spike-replays.ts'

const replays = replayAll()
mkdirSync('docs/kubernetes', { recursive: true })
for (const [path, text] of scalingPictures(replays)) writeFileSync(path, text)

console.log('service           pods  needed  ready after  doubling only  at most  most waiting  back after')
for (const { load, spec, asWritten, byPercent } of replays) {
  console.log(
    [
      load.service.padEnd(16),
      `${spec.minReplicas}–${spec.maxReplicas}`.padStart(6),
      String(asWritten.neededPods).padStart(7),
      seconds(asWritten.secondsToCapacity).padStart(12),
      seconds(byPercent.secondsToCapacity).padStart(14),
      String(asWritten.mostPods).padStart(8),
      `${Math.round(asWritten.mostWaiting)} (${Math.round(byPercent.mostWaiting)})`.padStart(13),
      seconds(asWritten.secondsBack).padStart(11),
    ].join(' '),
  )
}
const failed = replays.filter(
  ({ asWritten }) => asWritten.secondsToCapacity === undefined || asWritten.secondsBack === undefined,
)
for (const { load } of failed) console.error(`${load.service}: the spike is not borne, or the pods stay`)
if (failed.length > 0) process.exitCode = 1

function seconds(value: number | undefined): string {
  return value === undefined ? 'never' : `${value} s`
}
