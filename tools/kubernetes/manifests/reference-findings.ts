import { listAt, type Manifest, type Tree, textAt, titleOf, treeAt } from './manifest.ts'
import { type Workload, workloadsOf } from './workload.ts'

/** Whether there is an object, and with a key where one is asked for. */
type Has = (kind: string, name: string, key?: string) => boolean

/** What is named and is not there. */
export function referenceFindings(manifests: readonly Manifest[]): readonly string[] {
  const has: Has = (kind, name, key) =>
    manifests.some(
      (each) =>
        each.kind === kind &&
        each.metadata.name === name &&
        (key === undefined || key in { ...treeAt(each, 'data'), ...treeAt(each, 'stringData') }),
    )
  const titles = manifests.map((each) => `${each.metadata.namespace ?? ''} ${titleOf(each)}`)
  return [
    ...titles
      .filter((title, index) => titles.indexOf(title) !== index)
      .map((title) => `${title.trim()}: twice`),
    ...manifests.flatMap((each) => {
      const { namespace } = each.metadata
      return namespace === undefined || has('Namespace', namespace)
        ? []
        : [`${titleOf(each)}: no Namespace ${namespace}`]
    }),
    ...workloadsOf(manifests).flatMap((workload) => [
      ...podReferences(workload, has),
      ...workload.containers.flatMap((container) => containerReferences(workload, container, has)),
    ]),
    ...manifests.flatMap((each) => targetReferences(each, manifests, has)),
  ]
}

function podReferences({ title, manifest, pod }: Workload, has: Has): readonly string[] {
  const named: readonly (readonly [kind: string, name: string])[] = [
    ['ServiceAccount', textAt(pod, 'serviceAccountName')],
    ['PriorityClass', textAt(pod, 'priorityClassName')],
    ...(pod.runtimeClassName === undefined
      ? []
      : [['RuntimeClass', textAt(pod, 'runtimeClassName')] as const]),
    ...(manifest.kind === 'StatefulSet' ? [['Service', textAt(manifest, 'spec.serviceName')] as const] : []),
    ...listAt(pod, 'volumes').flatMap(({ secret, configMap, persistentVolumeClaim: claim }) => [
      ...(secret === undefined ? [] : [['Secret', textAt(secret, 'secretName')] as const]),
      ...(configMap === undefined ? [] : [['ConfigMap', textAt(configMap, 'name')] as const]),
      ...(claim === undefined ? [] : [['PersistentVolumeClaim', textAt(claim, 'claimName')] as const]),
    ]),
  ]
  const items = listAt(pod, 'volumes').flatMap(({ secret }) =>
    listAt(secret, 'items').map((item) => [textAt(secret, 'secretName'), textAt(item, 'key')] as const),
  )
  return [
    ...named.filter(([kind, name]) => !has(kind, name)).map(([kind, name]) => `${title}: no ${kind} ${name}`),
    ...items
      .filter(([secret, key]) => !has('Secret', secret, key))
      .map(([secret, key]) => `${title}: no key ${key} in Secret ${secret}`),
  ]
}

function containerReferences(
  { title, manifest, pod }: Workload,
  container: Tree,
  has: Has,
): readonly string[] {
  const volumes = [...listAt(pod, 'volumes'), ...listAt(manifest, 'spec.volumeClaimTemplates')]
  const names = volumes.map((volume) => textAt(volume, 'name') || textAt(volume, 'metadata.name'))
  const mounts = listAt(container, 'volumeMounts')
  const environment = listAt(container, 'env')
  return [
    ...mounts
      .filter(({ name }) => !names.includes(String(name)))
      .map(({ name }) => `${title}: no volume ${String(name)}`),
    ...listAt(container, 'envFrom')
      .filter((source) => !has('ConfigMap', textAt(source, 'configMapRef.name')))
      .map((source) => `${title}: no ConfigMap ${textAt(source, 'configMapRef.name')}`),
    ...environment.flatMap((variable) => {
      const { name = '', key = '' } = treeAt(variable, 'valueFrom.secretKeyRef')
      return name === '' || has('Secret', String(name), String(key))
        ? []
        : [`${title}: no key ${String(key)} in Secret ${String(name)}`]
    }),
    ...environment
      .filter(({ name }) => String(name).endsWith('_FILE'))
      .filter((variable) => !isMounted(textAt(variable, 'value'), mounts, listAt(pod, 'volumes'), has))
      .map((variable) => `${title}: no file ${textAt(variable, 'value')}`),
  ]
}

/** Whether a file is in a secret that is mounted. */
function isMounted(path: string, mounts: readonly Tree[], volumes: readonly Tree[], has: Has): boolean {
  return mounts.some((mount) => {
    const folder = `${textAt(mount, 'mountPath')}/`
    const volume = volumes.find(({ name }) => name === mount.name)
    return (
      path.startsWith(folder) && has('Secret', textAt(volume, 'secret.secretName'), path.slice(folder.length))
    )
  })
}

/** What is named by an object that is no workload. */
function targetReferences(manifest: Manifest, manifests: readonly Manifest[], has: Has): readonly string[] {
  const title = titleOf(manifest)
  if (manifest.kind === 'HorizontalPodAutoscaler') {
    const { kind, name } = treeAt(manifest, 'spec.scaleTargetRef')
    const target = manifests.find((each) => each.kind === kind && each.metadata.name === name)
    if (target === undefined) return [`${title}: no ${String(kind)} ${String(name)}`]
    return treeAt(target, 'spec').replicas === undefined
      ? []
      : [`${titleOf(target)}: replicas beside ${title}`]
  }
  if (manifest.kind === 'RoleBinding') {
    const { kind, name } = treeAt(manifest, 'roleRef')
    return has(String(kind), String(name)) ? [] : [`${title}: no ${String(kind)} ${String(name)}`]
  }
  if (manifest.kind === 'HTTPRoute') {
    return listAt(manifest, 'spec.rules')
      .flatMap((rule) => listAt(rule, 'backendRefs'))
      .filter(({ name, port }) => !hasPort(manifests, String(name), Number(port)))
      .map(({ name }) => `${title}: no Service ${String(name)} of that port`)
  }
  if (manifest.kind !== 'Ingress') return []
  const backends = listAt(manifest, 'spec.rules').flatMap((rule) =>
    listAt(rule, 'http.paths').map((path) => treeAt(path, 'backend.service')),
  )
  return [
    ...listAt(manifest, 'spec.tls')
      .filter((tls) => !has('Secret', textAt(tls, 'secretName')))
      .map((tls) => `${title}: no Secret ${textAt(tls, 'secretName')}`),
    ...backends
      .filter((backend) => !hasPort(manifests, textAt(backend, 'name'), textAt(backend, 'port.name')))
      .map((backend) => `${title}: no Service ${textAt(backend, 'name')} of that port`),
  ]
}

/** Whether a service has a port of a name or a number. */
function hasPort(manifests: readonly Manifest[], service: string, port: string | number): boolean {
  const found = manifests.find(({ kind, metadata }) => kind === 'Service' && metadata.name === service)
  return listAt(found, 'spec.ports').some((each) => [each.name, each.port].includes(port))
}
