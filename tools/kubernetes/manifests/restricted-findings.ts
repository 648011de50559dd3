import { at, listAt, type Manifest, type Tree, textAt, textsAt, treeAt } from './manifest.ts'
import { type Workload, workloadsOf } from './workload.ts'

/** What keeps a pod from being restricted, as the standard of pod security says, with a root file system that is read only. */
export function restrictedFindings(manifests: readonly Manifest[]): readonly string[] {
  return [
    ...manifests
      .filter(({ kind }) => kind === 'Namespace')
      .filter(
        ({ metadata }) => treeAt(metadata, 'labels')['pod-security.kubernetes.io/enforce'] !== 'restricted',
      )
      .map(({ metadata }) => `Namespace ${metadata.name}: does not enforce restricted pods`),
    ...workloadsOf(manifests).flatMap((workload) => [
      ...podFindings(workload),
      ...workload.containers.flatMap((container) =>
        containerFindings(container, treeAt(workload.pod, 'securityContext')).map(
          (problem) => `${workload.title}, ${textAt(container, 'name')}: ${problem}`,
        ),
      ),
    ]),
  ]
}

function podFindings({ title, pod }: Workload): readonly string[] {
  const shared = ['hostNetwork', 'hostPID', 'hostIPC'].filter((name) => pod[name] === true)
  const hostPaths = listAt(pod, 'volumes').filter((volume) => volume.hostPath !== undefined)
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
    'may run as root': context.runAsNonRoot === true && user > 0,
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
