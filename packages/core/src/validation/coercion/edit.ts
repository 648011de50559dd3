/** Keys and indexes from the root of a value to a place in it. */
export type Path = ReadonlyArray<string | number>

/** One change of a JSON value: another value at a place, or a key taken out. */
export type Edit =
  | { readonly kind: 'replace'; readonly path: Path; readonly value: unknown }
  | { readonly kind: 'remove'; readonly path: Path }

/** Whether a value stands at a place, and which. Only own properties count. */
export function valueAt(root: unknown, path: Path): { readonly value: unknown } | undefined {
  let value = root
  for (const place of path) {
    const child = childAt(value, place)
    if (child === undefined) return undefined
    value = child.value
  }
  return { value }
}

/** The value with all edits made. What an edit does not touch is shared; each container is copied once at most. */
export function applyEdits(root: unknown, edits: readonly Edit[]): unknown {
  const tree = new EditNode()
  for (const edit of edits) {
    let node = tree
    for (const place of edit.path) node = node.child(place)
    node.edit = edit
  }
  return rebuild(root, tree)
}

class EditNode {
  readonly children: Map<string | number, EditNode> = new Map<string | number, EditNode>()
  edit: Edit | undefined

  child(place: string | number): EditNode {
    const known = this.children.get(place)
    if (known !== undefined) return known
    const child = new EditNode()
    this.children.set(place, child)
    return child
  }
}

function rebuild(value: unknown, node: EditNode): unknown {
  if (node.edit?.kind === 'replace') return node.edit.value
  if (node.children.size === 0 || typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) {
    const items: unknown[] = [...value]
    for (const [place, child] of node.children) {
      const index = Number(place)
      if (Number.isInteger(index) && index in items) items[index] = rebuild(items[index], child)
    }
    return items
  }
  const copy: Record<string, unknown> = { ...value }
  for (const [place, child] of node.children) {
    const key = String(place)
    const old = childAt(value, key)
    if (old === undefined) continue
    if (child.edit?.kind === 'remove') delete copy[key]
    // Assigning `__proto__` would change the prototype instead.
    else Object.defineProperty(copy, key, { ...WRITABLE, value: rebuild(old.value, child) })
  }
  return copy
}

const WRITABLE = Object.freeze({ writable: true, enumerable: true, configurable: true })

function childAt(value: unknown, place: string | number): { readonly value: unknown } | undefined {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, place)) return undefined
  // An own property of an object may be read by its key, whatever it holds.
  return { value: (value as Record<string | number, unknown>)[place] }
}
