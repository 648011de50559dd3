/** What YAML may hold at a place where names lead on. */
export type Tree = Readonly<Record<string, unknown>>

/** One object of Kubernetes. */
export interface Manifest extends Tree {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: Tree & { readonly name: string; readonly namespace?: string }
}

/** What stands at a path of names with dots, or undefined. */
export function at(value: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((found, name) => treeOf(found)[name], value)
}

/** The tree at a path; an empty one where there is none. */
export function treeAt(value: unknown, path: string): Tree {
  return treeOf(at(value, path))
}

/** The trees of the list at a path; none where there is no list. */
export function listAt(value: unknown, path: string): readonly Tree[] {
  const found = at(value, path)
  return Array.isArray(found) ? found.map(treeOf) : []
}

/** The texts of the list at a path; none where there is no list. */
export function textsAt(value: unknown, path: string): readonly string[] {
  const found = at(value, path)
  return Array.isArray(found) ? found.map(String) : []
}

/** The text or number at a path, as text; empty where there is none. */
export function textAt(value: unknown, path: string): string {
  const found = at(value, path)
  return typeof found === 'string' || typeof found === 'number' ? String(found) : ''
}

/** Whether labels have everything that a selector of labels asks for; one that asks for nothing selects all. */
export function selects(matchLabels: Tree, labels: Tree): boolean {
  return Object.entries(matchLabels).every(([name, value]) => labels[name] === value)
}

/** How a finding calls an object. */
export function titleOf({ kind, metadata }: Manifest): string {
  return `${kind} ${metadata.name}`
}

function treeOf(value: unknown): Tree {
  // An object that is no list is read by its names alone.
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Tree) : {}
}
