import { at, listAt, type Manifest, type Tree, textAt, textsAt, treeAt } from './manifest.ts'
import { type Workload, workloadsOf } from './workload.ts'

/** The one namespace whose pods need not be restricted, and the one pod in it: it reads files of the nodes. */
const READS_NODES = { namespace: 'golden-architecture-logs', title: 'DaemonSet log-collector' } as const
/** The folders that it has of the nodes; all but the last are read only. */
const NODE_FOLDERS: readonly string[] = ['/var/log/pods', '/var/lib/golden-architecture-logs']

/** What keeps a pod from being restricted, as the standard of pod security says, with a root file system that is read only. */
export function restrictedFindings(manifests: readonly Manifest[]): readonly string[] {
  return [
    ...manifests
      .filter(({ kind, metadata }) => kind === 'Namespace' && metadata.name !== READS_NODES.namespace)
      .filter(
        ({ metadata }) => treeAt(metadata, 'labels')['pod-security.kubernetes.io/enforce'] !== 'restricted',
      )
      .map(({ metadata }) => `Namespace ${metadata.name}: does not enforce restricted pods`),
    ...workloadsOf(manifests).flatMap((workload) => [
      ...(workload.manifest.metadata.namespace === READS_NODES.namespace && !readsNodes(workload)
        ? [`${workload.title}: runs where pods need not be restricted`]
        : []),
      ...podFindings(workload),
      ...workload.containers.flatMap((container) =>
        containerFindings(container, treeAt(workload.pod, 'securityContext'))
          .filter((problem) => !(readsNodes(workload) && problem === IS_ROOT))
          .map((problem) => `${workload.title}, ${textAt(container, 'name')}: ${problem}`),
      ),
    ]),
  ]
}

const IS_ROOT = 'may run as root'

function readsNodes({ title, manifest }: Workload): boolean {
  return title === READS_NODES.title && manifest.metadata.namespace === READS_NODES.namespace
}

/** Whether a folder of the node is one of those that its reader may have, and in the way that it may. */
function isGranted(workload: Workload, volume: Tree): boolean {
  const path = textAt(volume, 'hostPath.path')
  const mounts = workload.containers.flatMap((container) =>
    listAt(container, 'volumeMounts').filter(({ name }) => name === volume.name),
  )
  const isOwn = path === NODE_FOLDERS.at(-1)
  return (
    readsNodes(workload) &&
    NODE_FOLDERS.includes(path) &&
    (isOwn || mounts.every(({ readOnly }) => readOnly === true))
  )
}

function podFindings(workload: Workload): readonly string[] {
  const { title, pod } = workload
  const shared = ['hostNetwork', 'hostPID', 'hostIPC'].filter((name) => pod[name] === true)
  const hostPaths = listAt(pod, 'volumes').filter(
    (volume) => volume.hostPath !== undefined && !isGranted(workload, volume),
  )
  return [
    ...shared.map((name) => `${title}: ${name}`),
    ...hostPaths.map((volume) => `${title}: volume ${textAt(volume, 'name')} is of the host`),
    ...(pod.automountServiceAccountToken === false ? [] : [`${title}: gets a token of its service account`]),
  ]
}

function containerFindings(container: Tree, ofPod: Tree): readonly string[] {
  const own = treeAt(container, 'securityContext')
  const context = { ...ofPod, ...own }
  const user = Number(context.runAsUser ?? 0)
  const rules: Readonly<Record<string, boolean>> = {
    [IS_ROOT]: context.runAsNonRoot === true && user > 0,
    'has no seccomp profile': ['RuntimeDefault', 'Localhost'].includes(
      textAt(context, 'seccompProfile.type'),
    ),
    'may gain privileges': own.allowPrivilegeEscalation === false && own.privileged !== true,
    'keeps capabilities':
      textsAt(own, 'capabilities.drop').includes('ALL') && at(own, 'capabilities.add') === undefined,
    'may write to its root file system': own.readOnlyRootFilesystem === true,
    'takes a port of the host': listAt(container, 'ports').every(({ hostPort }) => hostPort === undefined),
    'changes how /proc is masked': own.procMount === undefined,
  }
  return Object.entries(rules).flatMap(([problem, holds]) => (holds ? [] : [problem]))
}
