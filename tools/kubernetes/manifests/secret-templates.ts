import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Manifest } from './manifest.ts'
import { KUBERNETES_FOLDER, parseManifests } from './read-manifests.ts'

/** The secrets that the base, an overlay and components expect somebody to have made, without their values. */
export function secretTemplates(overlay: string, components: readonly string[] = []): readonly Manifest[] {
  return ['base', `overlays/${overlay}`, ...components.map((name) => `components/${name}`)]
    .map((folder) => join(KUBERNETES_FOLDER, folder, 'secret-templates.yaml'))
    .filter((path) => existsSync(path))
    .flatMap((path) => parseManifests(readFileSync(path, 'utf8')))
}
