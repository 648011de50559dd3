import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { parse, parseAllDocuments } from 'yaml'
import type { Manifest } from './manifest.ts'

/** Where the manifests of the repository are. */
export const KUBERNETES_FOLDER: string = join(import.meta.dirname, '../../../k8s')

/**
 * The objects of YAML, as Kubernetes reads it: by version 1.1, where 0440 is octal. A name given twice is an error.
 * @throws Error where the text is no YAML, or an object has no kind or name.
 */
export function parseManifests(text: string): readonly Manifest[] {
  return parseAllDocuments(text, { version: '1.1', uniqueKeys: true }).map((document) => {
    if (document.errors[0] !== undefined) throw document.errors[0]
    const value: unknown = document.toJS()
    if (!isManifest(value)) throw new Error(`no object of Kubernetes: ${JSON.stringify(value)}`)
    return value
  })
}

interface Kustomization {
  readonly resources: readonly string[]
  readonly configMapGenerator?: readonly {
    readonly name: string
    readonly namespace: string
    readonly files: readonly string[]
  }[]
}

/**
 * The resources of a kustomization and of those below it, as they are written, with the configurations that it makes of
 * files: patches are left aside.
 */
export function readResources(folder: string): readonly Manifest[] {
  // Each kustomization of this repository lists its resources.
  const text = readFileSync(join(folder, 'kustomization.yaml'), 'utf8')
  const { resources, configMapGenerator = [] } = parse(text) as Kustomization
  return [
    ...resources.flatMap((name) => {
      const path = join(folder, name)
      return statSync(path).isDirectory() ? readResources(path) : parseManifests(readFileSync(path, 'utf8'))
    }),
    ...configMapGenerator.map(({ name, namespace, files }) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace },
      data: Object.fromEntries(files.map((file) => [file, readFileSync(join(folder, file), 'utf8')])),
    })),
  ]
}

function isManifest(value: unknown): value is Manifest {
  const { apiVersion, kind, metadata } = (value ?? {}) as Partial<Manifest>
  return typeof apiVersion === 'string' && typeof kind === 'string' && typeof metadata?.name === 'string'
}
