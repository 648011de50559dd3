import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseDocument } from 'yaml'
import { checkManifests } from './check-manifests.ts'
import { listAt, type Manifest, treeAt } from './manifest.ts'
import { KUBERNETES_FOLDER, parseManifests, readResources } from './read-manifests.ts'
import { secretTemplates } from './secret-templates.ts'

const COMPONENT = join(KUBERNETES_FOLDER, 'components/backups')
const RESTORE = parseManifests(readFileSync(join(COMPONENT, 'restore-job.yaml'), 'utf8'))
/** The overlay that runs its own stores, with backups and a restore. */
const WHOLE: readonly Manifest[] = [
  ...readResources(join(KUBERNETES_FOLDER, 'overlays/dev')),
  ...secretTemplates('dev'),
  ...readResources(COMPONENT),
  ...RESTORE,
]
const POD = 'spec.jobTemplate.spec.template.spec'

function broken(kind: string, path: string, value?: unknown): readonly Manifest[] {
  return WHOLE.map((each) => {
    if (each.kind !== kind || !['backups', 'restore'].includes(each.metadata.name)) return each
    const document = parseDocument(JSON.stringify(each))
    const names = path.split('.')
    if (value !== undefined) document.setIn(names, value)
    else if (!document.deleteIn(names)) throw new Error(`${kind} has no ${path}`)
    return document.toJS() as Manifest
  })
}

function without(kind: string, name: string): readonly Manifest[] {
  const left = WHOLE.filter((each) => each.kind !== kind || each.metadata.name !== name)
  if (left.length === WHOLE.length) throw new Error(`there is no ${kind} ${name}`)
  return left
}

const BREAKAGES: readonly (readonly [name: string, manifests: readonly Manifest[], finding: string])[] = [
  ['beside itself', broken('CronJob', 'spec.concurrencyPolicy', 'Allow'), 'may run beside itself'],
  [
    'for ever',
    broken('CronJob', 'spec.jobTemplate.spec.activeDeadlineSeconds'),
    'CronJob backups: may run for ever',
  ],
  ['however late', broken('CronJob', 'spec.startingDeadlineSeconds'), 'has no end to being late'],
  ['without a history', broken('CronJob', 'spec.failedJobsHistoryLimit'), 'has no failedJobsHistoryLimit'],
  ['at no time', broken('CronJob', 'spec.schedule', 'nightly'), 'schedule nightly'],
  [
    'without a volume',
    without('PersistentVolumeClaim', 'backups'),
    'CronJob backups: no PersistentVolumeClaim backups',
  ],
  ['without an address', without('Secret', 'backups'), 'CronJob backups: no Secret backups'],
  [
    'without its script',
    broken('ConfigMap', 'data', { 'restore.sh': '' }),
    'CronJob backups: no script /etc/golden-architecture/scripts/backup.sh',
  ],
  [
    'without a way to the database',
    without('NetworkPolicy', 'backups-to-database'),
    'CronJob backups: no policy opens an edge',
  ],
  ['as root', broken('CronJob', `${POD}.securityContext.runAsUser`, 0), 'backup: may run as root'],
  [
    'on a volume beyond the quota',
    broken('PersistentVolumeClaim', 'spec.resources.requests.storage', '900Gi'),
    'ResourceQuota golden-architecture: requests.storage of',
  ],
  ['again and again', broken('Job', 'spec.backoffLimit'), 'Job restore: does not say how often it is tried'],
]

describe('backups and a restore beside stores in the cluster', () => {
  it('are in order', async () => {
    expect(await checkManifests(WHOLE)).toEqual([])
  })

  it.each(BREAKAGES)('are not %s', async (_name, manifests, finding) => {
    expect(await checkManifests(manifests)).toContainEqual(expect.stringContaining(finding))
  })

  it('are not tried again by the exit codes of which the document says so', () => {
    const document = readFileSync(join(KUBERNETES_FOLDER, '../docs/kubernetes/backups.md'), 'utf8')
    const codes = [...document.matchAll(/^\| (\d) \| .*; not tried again/gm)].map(([, code]) => Number(code))
    expect(codes).toContain(5)
    const policy = WHOLE.flatMap((each) => listAt(each, 'spec.jobTemplate.spec.podFailurePolicy.rules'))
    expect(policy).toEqual([
      { action: 'FailJob', onExitCodes: { containerName: 'backup', operator: 'In', values: codes } },
    ])
  })

  it('run the same program, and only the restore may not write to the volume', () => {
    const containers = WHOLE.filter(({ metadata }) => ['backups', 'restore'].includes(metadata.name)).flatMap(
      (each) => JSON.stringify(treeAt(each, 'spec')).match(/"image":"[^"]+"/g) ?? [],
    )
    expect(new Set(containers).size).toBe(1)
    expect(JSON.stringify(RESTORE)).toContain('"mountPath":"/backups","readOnly":true')
  })
})
