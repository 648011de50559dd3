import { databaseFindings } from './database-findings.ts'
import { jobFindings } from './job-findings.ts'
import { listAt, type Manifest, treeAt } from './manifest.ts'
import { natsFindings } from './nats-findings.ts'
import { networkFindings } from './network-findings.ts'
import { quotaFindings } from './quota-findings.ts'
import { rangeFindings } from './range-findings.ts'
import { referenceFindings } from './reference-findings.ts'
import { releaseFindings } from './release-findings.ts'
import { restrictedFindings } from './restricted-findings.ts'
import { schemaFindings } from './schema-findings.ts'
import { serverFindings } from './server-findings.ts'
import { workloadFindings } from './workload-findings.ts'

/** Everything that is wrong with the objects of one cluster, each finding with the object; none where all is well. */
export async function checkManifests(manifests: readonly Manifest[]): Promise<readonly string[]> {
  const bySchema = await Promise.all(manifests.map(schemaFindings))
  return [
    ...bySchema.flat(),
    ...rangeFindings(manifests),
    ...quotaFindings(manifests),
    ...referenceFindings(manifests),
    ...restrictedFindings(manifests),
    ...workloadFindings(manifests),
    ...jobFindings(manifests),
    ...networkFindings(manifests),
    ...databaseFindings(manifests),
    ...natsFindings(manifests),
    ...releaseFindings(manifests),
    ...serverFindings(manifests),
    ...secretFindings(manifests),
    ...accountFindings(manifests),
  ]
}

/** Values do not belong here, and a template that is applied would empty what is there. */
function secretFindings(manifests: readonly Manifest[]): readonly string[] {
  return manifests
    .filter(({ kind }) => kind === 'Secret')
    .flatMap((secret) =>
      Object.entries({ ...treeAt(secret, 'data'), ...treeAt(secret, 'stringData') })
        .filter(([, value]) => value !== '')
        .map(([name]) => `Secret ${secret.metadata.name}: ${name} has a value`),
    )
}

function accountFindings(manifests: readonly Manifest[]): readonly string[] {
  const bound = manifests.filter(({ kind }) => kind.endsWith('RoleBinding'))
  return manifests
    .filter(({ kind }) => kind === 'ServiceAccount')
    .flatMap(({ metadata, automountServiceAccountToken }) => [
      ...(automountServiceAccountToken === false
        ? []
        : [`ServiceAccount ${metadata.name}: gives tokens to pods`]),
      ...bound
        .filter((binding) => listAt(binding, 'subjects').some(({ name }) => name === metadata.name))
        .map(() => `ServiceAccount ${metadata.name}: may ask the Kubernetes API`),
    ])
}
