import type { ContainerCreateOptions } from 'dockerode'
import {
  at,
  listAt,
  type Manifest,
  type Tree,
  textAt,
  textsAt,
  treeAt,
} from '../kubernetes/manifests/manifest.ts'
import type { Workload } from '../kubernetes/manifests/workload.ts'
import { quantityOf } from '../kubernetes/quantity.ts'

/** What a pod of the manifests becomes a container with. */
export interface PodPlace {
  readonly image: string
  readonly network: string
  /** What the ConfigMaps of the same manifests say. */
  readonly manifests: readonly Manifest[]
  /** The folder of a secret's files, by the name of the secret. */
  readonly secretFolder: (name: string) => string
  /** Variables beside those of the manifest. */
  readonly variables?: Readonly<Record<string, string>>
}

/** A container as near to the only one of a workload's pods as an engine makes it: user, root, rights, limits, mounts, words. */
export function containerOf({ pod, containers }: Workload, place: PodPlace): ContainerCreateOptions {
  const [container] = containers
  if (container === undefined) throw new Error('a pod without a container')
  const { runAsUser, runAsGroup } = treeAt(pod, 'securityContext')
  const limit = (name: string): number => quantityOf(textAt(container, `resources.limits.${name}`))
  const command = textsAt(container, 'command')
  return {
    Image: place.image,
    ...(command.length > 0 ? { Entrypoint: [...command] } : {}),
    Cmd: [...textsAt(container, 'args')],
    Env: Object.entries({ ...environmentOf(container, place.manifests), ...place.variables }).map(
      ([name, value]) => `${name}=${value}`,
    ),
    User: `${runAsUser}:${runAsGroup}`,
    HostConfig: {
      NetworkMode: place.network,
      ReadonlyRootfs: at(container, 'securityContext.readOnlyRootFilesystem') === true,
      CapDrop: [...textsAt(container, 'securityContext.capabilities.drop')],
      SecurityOpt: ['no-new-privileges'],
      Memory: limit('memory'),
      MemorySwap: limit('memory'),
      NanoCpus: limit('cpu') * 1e9,
      ...mountsOf(pod, container, place),
    },
  }
}

function environmentOf(container: Tree, manifests: readonly Manifest[]): Readonly<Record<string, string>> {
  const names = listAt(container, 'envFrom').map((source) => textAt(source, 'configMapRef.name'))
  const maps = manifests.filter(({ kind, metadata }) => kind === 'ConfigMap' && names.includes(metadata.name))
  const own = listAt(container, 'env').map((each) => [textAt(each, 'name'), textAt(each, 'value')] as const)
  const shared = maps.flatMap((map) => Object.entries(treeAt(map, 'data')))
  return Object.fromEntries([...shared.map(([name, value]) => [name, String(value)] as const), ...own])
}

function mountsOf(
  pod: Tree,
  container: Tree,
  { secretFolder }: PodPlace,
): { readonly Tmpfs: Record<string, string>; readonly Binds: string[] } {
  const mounts = listAt(container, 'volumeMounts').map((mount) => {
    const path = textAt(mount, 'mountPath')
    const volume = listAt(pod, 'volumes').find((each) => each.name === mount.name)
    return { path, secret: textAt(volume, 'secret.secretName'), size: textAt(volume, 'emptyDir.sizeLimit') }
  })
  return {
    Tmpfs: Object.fromEntries(
      mounts.flatMap(({ path, size }) =>
        size === '' ? [] : [[path, `rw,nosuid,nodev,mode=1777,size=${quantityOf(size)}`] as const],
      ),
    ),
    Binds: mounts.flatMap(({ path, secret }) =>
      secret === '' ? [] : [`${secretFolder(secret)}:${path}:ro`],
    ),
  }
}
