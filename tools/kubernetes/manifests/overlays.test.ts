import { execFileSync } from 'node:child_process'
import { realpathSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { temporaryFolder } from '@golden-arch/testkit'
import { describe, expect, it } from 'vitest'
import { checkManifests } from './check-manifests.ts'
import { listAt, type Manifest, textAt } from './manifest.ts'
import { KUBERNETES_FOLDER, parseManifests } from './read-manifests.ts'
import { secretTemplates } from './secret-templates.ts'

/** Overlays are built by kubectl, which no package provides: without it they are left out, save where runners have it. */
function hasKubectl(): boolean {
  try {
    execFileSync('kubectl', ['version', '--client'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

const { GITHUB_ACTIONS } = process.env
const BUILT = new Map<string, readonly Manifest[]>()

function build(overlay: string): readonly Manifest[] {
  const folder = join(KUBERNETES_FOLDER, 'overlays', overlay)
  const built =
    BUILT.get(overlay) ?? parseManifests(execFileSync('kubectl', ['kustomize', folder], { encoding: 'utf8' }))
  BUILT.set(overlay, built)
  return built
}

/** The objects of production with components, or of what is named, as an overlay of somebody else's would name them. */
async function buildWith(
  components: readonly string[],
  resources = 'overlays/production',
): Promise<readonly Manifest[]> {
  const folder = await temporaryFolder('overlay')
  try {
    const up = (...path: readonly string[]): string =>
      relative(realpathSync(folder.path), join(realpathSync(KUBERNETES_FOLDER), ...path))
    const kustomization = {
      apiVersion: 'kustomize.config.k8s.io/v1beta1',
      kind: 'Kustomization',
      resources: [up(resources)],
      components: components.map((name) => up('components', name)),
    }
    writeFileSync(join(folder.path, 'kustomization.yaml'), JSON.stringify(kustomization))
    return parseManifests(execFileSync('kubectl', ['kustomize', folder.path], { encoding: 'utf8' }))
  } finally {
    await folder.remove()
  }
}

/** How large the volumes of each set are; empty for a set without any. */
function sizes(manifests: readonly Manifest[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    manifests
      .filter(({ kind }) => kind === 'StatefulSet')
      .map((each) => [
        each.metadata.name,
        listAt(each, 'spec.volumeClaimTemplates')
          .map((claim) => textAt(claim, 'spec.resources.requests.storage'))
          .join(),
      ]),
  )
}

describe.skipIf(GITHUB_ACTIONS !== 'true' && !hasKubectl())('the overlays, as kubectl builds them', () => {
  it.each(['dev', 'production'])('%s is in order', async (overlay) => {
    expect(await checkManifests([...build(overlay), ...secretTemplates(overlay)])).toEqual([])
  })

  it.each([
    [['canary']],
    [['logs']],
    [['ingress-nginx']],
    [['audit-checkpoints']],
    [['prometheus', 'prometheus-operator']],
    [['traces']],
    [['canary', 'logs', 'traces', 'audit-checkpoints', 'prometheus', 'prometheus-operator']],
  ])('production is in order with %s', async (components) => {
    const built = await buildWith(components)
    expect(await checkManifests([...built, ...secretTemplates('production', components)])).toEqual([])
  })

  it('scale the canary in the place of what it rolls out, by whichever autoscaler', async () => {
    for (const scaler of ['hpa', 'keda']) {
      const built = await buildWith([scaler, 'canary'], 'base')
      const targets = built.flatMap((each) => {
        const name = textAt(each, 'spec.scaleTargetRef.name')
        return name === 'gateway' ? [textAt(each, 'spec.scaleTargetRef.kind')] : []
      })
      expect(targets).toEqual(['Rollout'])
    }
  })

  it.each([
    ['a route', [], 'HTTPRoute', 'gateway-system'],
    ['an Ingress in the place of the route', ['ingress-nginx'], 'Ingress', 'ingress-nginx'],
  ])('have one way in, %s, from where its proxies are', async (_title, components, kind, namespace) => {
    const built = await buildWith(components)
    const ways = built.filter((each) => ['HTTPRoute', 'Ingress'].includes(each.kind))
    expect(ways.map((each) => each.kind)).toEqual([kind])
    const policy = built.find(({ metadata }) => metadata.name === 'ingress-to-gateway')
    expect(JSON.stringify(policy)).toContain(`"kubernetes.io/metadata.name":"${namespace}"`)
  })

  it('let the supervisor alone sign and write checkpoints of the audit log, and gateways read them', async () => {
    const built = await buildWith(['audit-checkpoints'])
    const pods = ['supervisor', 'gateway', 'orchestrator'].map((name) => {
      const found = built.find((each) => each.kind === 'Deployment' && each.metadata.name === name)
      const [server] = listAt(found, 'spec.template.spec.containers')
      const told = listAt(server, 'env').map((each) => textAt(each, 'name'))
      const mount = listAt(server, 'volumeMounts').find((each) => each.name === 'audit-checkpoints')
      return {
        name,
        isSigning: told.includes('AUDIT_SIGNING_KEY_FILE'),
        mount: mount && (mount.readOnly ?? false),
      }
    })
    expect(pods).toEqual([
      { name: 'supervisor', isSigning: true, mount: false },
      { name: 'gateway', isSigning: false, mount: true },
      { name: 'orchestrator', isSigning: false, mount: undefined },
    ])
  })

  it('run stores of their own in development alone, of the sizes that are asked for', () => {
    const own = { 'agent-runtime': '' }
    expect(sizes(build('dev'))).toEqual({ ...own, postgres: '100Gi', redis: '10Gi', nats: '20Gi' })
    expect(sizes(build('production'))).toEqual(own)
  })

  it('apply no secret', () => {
    for (const overlay of ['dev', 'production'])
      expect(build(overlay).filter(({ kind }) => kind === 'Secret')).toEqual([])
  })
})
