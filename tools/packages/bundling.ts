import { join } from 'node:path'
import type { BuildOptions } from 'esbuild'
import type { PublishedPackage } from './published-packages.ts'

/** Options of a build that writes nothing. */
export interface Bundling extends BuildOptions {
  readonly write: false
}

/** Programs that take all that each subpath exports. */
export function wholeModules(specifiers: readonly string[]): readonly string[] {
  return specifiers.map((specifier) => `export * from '${specifier}'`)
}

/**
 * How an app for Node bundles programs that stand in its folder, each to `bundles/<index>.js`, of which nothing is written: peers and
 * the modules of Node stay outside.
 */
export function bundling(
  app: string,
  packages: readonly PublishedPackage[],
  programs: readonly string[],
): Bundling {
  const peers = packages.flatMap(({ manifest }) => Object.keys(manifest.peerDependencies ?? {}))
  return {
    entryPoints: programs.map((_, index) => ({ in: `program:${index}`, out: String(index) })),
    plugins: [
      {
        name: 'programs',
        setup({ onResolve, onLoad }) {
          onResolve({ filter: /^program:/ }, ({ path }) => ({ path, namespace: 'program' }))
          onLoad({ filter: /.*/, namespace: 'program' }, ({ path }) => ({
            contents: programs[Number(path.slice('program:'.length))] ?? '',
            resolveDir: app,
          }))
        },
      },
    ],
    absWorkingDir: app,
    outdir: join(app, 'bundles'),
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    external: [...new Set(peers)],
    logLevel: 'silent',
  }
}
