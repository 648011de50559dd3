import { lstatSync, readlinkSync, type Stats } from 'node:fs'
import { join } from 'node:path'
import { SandboxError } from '../../sandbox-error.ts'
import { DEFAULT_READ_ONLY_PATHS, type ResolvedSandboxInterpreter } from './bubblewrap-backend-options.ts'

/** Something of the host that a guest sees at a path: a file or folder, or a link as it is. */
export type ReadOnlyMount =
  | { readonly kind: 'bind'; readonly source: string; readonly path: string }
  | { readonly kind: 'link'; readonly to: string; readonly path: string }

/**
 * Looks up what a guest will see of its root file system.
 * @throws SandboxError `SANDBOX_INFRA` for a path that was asked for and is not there.
 */
export function readOnlyMounts({
  root,
  readOnlyPaths,
}: Pick<ResolvedSandboxInterpreter, 'root' | 'readOnlyPaths'>): readonly ReadOnlyMount[] {
  const paths = readOnlyPaths ?? DEFAULT_READ_ONLY_PATHS
  return paths.flatMap((path): readonly ReadOnlyMount[] => {
    const source = join(root, path)
    const found = look(source)
    if (found?.isSymbolicLink()) return [{ kind: 'link', to: readlinkSync(source), path }]
    if (found !== undefined) return [{ kind: 'bind', source, path }]
    if (readOnlyPaths === undefined) return []
    throw SandboxError.infra(`there is no ${source} for the guest to see`)
  })
}

function look(path: string): Stats | undefined {
  try {
    return lstatSync(path)
  } catch {
    return undefined
  }
}
