import { quantityOf } from '../quantity.ts'
import { at, listAt, type Manifest, type Tree, textAt, titleOf, treeAt } from './manifest.ts'
import { workloadsOf } from './workload.ts'

/** Names and numbers that the schema lets pass and Kubernetes, or good sense, does not. */
export function rangeFindings(manifests: readonly Manifest[]): readonly string[] {
  return [
    ...manifests.filter(({ kind }) => kind === 'HorizontalPodAutoscaler').flatMap(autoscalerFindings),
    ...workloadsOf(manifests).flatMap(({ title, containers }) =>
      containers.flatMap((container) =>
        [...resourceFindings(container), ...imageFindings(container), ...portFindings(container)].map(
          (problem) => `${title}, ${textAt(container, 'name')}: ${problem}`,
        ),
      ),
    ),
  ]
}

function autoscalerFindings(autoscaler: Manifest): readonly string[] {
  const spec = treeAt(autoscaler, 'spec')
  const least = Number(spec.minReplicas ?? 1)
  const findings = least >= 1 && least <= Number(spec.maxReplicas) ? [] : ['minReplicas above maxReplicas']
  for (const direction of ['scaleUp', 'scaleDown']) {
    const rules = treeAt(spec, `behavior.${direction}`)
    const window = Number(rules.stabilizationWindowSeconds ?? 0)
    if (!(window >= 0 && window <= 3600)) findings.push(`${direction} is stabilised for ${window} s`)
    if (!['Max', 'Min', 'Disabled'].includes(String(rules.selectPolicy ?? 'Max')))
      findings.push(`${direction} selects ${textAt(rules, 'selectPolicy')}`)
    for (const { type, value, periodSeconds } of listAt(rules, 'policies')) {
      if (type !== 'Pods' && type !== 'Percent') findings.push(`${direction} has a policy of ${String(type)}`)
      if (!(Number(value) > 0)) findings.push(`${direction} has a policy of ${String(value)}`)
      if (!(Number(periodSeconds) >= 1 && Number(periodSeconds) <= 1800))
        findings.push(`${direction} has a period of ${String(periodSeconds)} s`)
    }
  }
  return findings.map((problem) => `${titleOf(autoscaler)}: ${problem}`)
}

function resourceFindings(container: Tree): readonly string[] {
  return ['cpu', 'memory'].flatMap((name) => {
    const request = quantityOf(textAt(container, `resources.requests.${name}`))
    const limit = quantityOf(textAt(container, `resources.limits.${name}`))
    if (!(request > 0)) return [`requests no ${name}`]
    if (!(limit > 0)) return [`has no limit of ${name}`]
    return request > limit ? [`requests more ${name} than its limit`] : []
  })
}

/** A release is what it was when it is rolled back to: an image goes by a version or a digest. */
function imageFindings(container: Tree): readonly string[] {
  const image = textAt(container, 'image')
  return /(:(?!latest$)[\w.-]+|@sha256:[0-9a-f]{64})$/.test(image) ? [] : [`image ${image} has no version`]
}

function portFindings(container: Tree): readonly string[] {
  const ports = listAt(container, 'ports')
  const names = new Set(ports.map(({ name }) => name))
  const probes = ['startupProbe', 'livenessProbe', 'readinessProbe'].map((name) => at(container, name))
  const asked = probes.flatMap((probe) =>
    ['httpGet.port', 'tcpSocket.port'].map((path) => textAt(probe, path)).filter((port) => port !== ''),
  )
  return [
    ...asked
      .filter((port) => !names.has(port))
      .map((port) => `a probe asks the port ${port}, which it lacks`),
    ...ports
      .filter(({ containerPort }) => !(Number(containerPort) >= 1 && Number(containerPort) <= 65_535))
      .map(({ containerPort }) => `port ${String(containerPort)}`),
  ]
}
