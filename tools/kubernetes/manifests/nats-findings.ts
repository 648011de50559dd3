import { listAt, type Manifest, type Tree, textAt, textsAt, treeAt } from './manifest.ts'
import { workloadsOf } from './workload.ts'

/** What keeps servers of NATS from being one cluster: routes that lack a server, or that are refused where they lead. */
export function natsFindings(manifests: readonly Manifest[]): readonly string[] {
  return workloadsOf(manifests)
    .filter(({ manifest }) => Number(treeAt(manifest, 'spec').replicas ?? 1) > 1)
    .flatMap(({ manifest, title, pod, containers }) => {
      const text = configurationOf(pod, manifests)
      if (text === undefined) return []
      const words = containers.flatMap((container) => textsAt(container, 'args'))
      const routes = [text, ...words].flatMap((each) => each.match(/nats:\/\/[^\s",]+/g) ?? [])
      const servers = Array.from(
        { length: Number(treeAt(manifest, 'spec').replicas) },
        (_, index) => `${manifest.metadata.name}-${index}.${textAt(manifest, 'spec.serviceName')}:`,
      )
      const asksForPassword = /cluster\s*\{[^}]*authorization/.test(text)
      return [
        ...servers
          .filter(
            (server) =>
              !routes.some((route) =>
                route
                  .split(/\/\/|@/)
                  .at(-1)
                  ?.startsWith(server),
              ),
          )
          .map((server) => `${title}: no route leads to ${server.slice(0, -1)}`),
        ...routes
          .filter((route) => asksForPassword && !route.includes('@'))
          .map((route) => `${title}: ${route} is refused, it gives no password`),
        ...routes
          .filter((route) => /\$[A-Z_]/.test(route))
          .map((route) => `${title}: ${route} has a variable that nothing fills in`),
      ]
    })
}

function configurationOf(pod: Tree, manifests: readonly Manifest[]): string | undefined {
  const names = listAt(pod, 'volumes').map((volume) => textAt(volume, 'configMap.name'))
  const map = manifests.find(({ kind, metadata }) => kind === 'ConfigMap' && names.includes(metadata.name))
  // The name of the file has a dot, so it is no path.
  const text = treeAt(map, 'data')['nats.conf']
  return typeof text === 'string' ? text : undefined
}
