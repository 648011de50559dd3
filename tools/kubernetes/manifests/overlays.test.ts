import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
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
