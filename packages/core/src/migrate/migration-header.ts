/** What the comment lines at the top of a migration say. */
export interface MigrationHeader {
  /** The module that owns the file. */
  readonly module: string
  /** Modules that must be there before it. */
  readonly requires: readonly string[]
  /** Whether the file runs in a transaction of its own or outside any. */
  readonly mode: 'transaction' | 'no-transaction'
}

/** A header, or what is wrong with it. */
export type HeaderReading =
  | { readonly ok: true; readonly header: MigrationHeader }
  | { readonly ok: false; readonly reason: string }

const MODULE_NAME = /^[a-z]+(?:-[a-z]+)*$/
const DIRECTIVE = /^--\s*(?:(module|requires)\s*:|migrate:)/

/** Reads `-- module: x; requires: a, b` and `-- migrate:no-transaction` from the comment lines before the first statement. */
export function readMigrationHeader(sql: string): HeaderReading {
  const fields = new Map<string, string>()
  let mode: MigrationHeader['mode'] = 'transaction'
  let inHeader = true
  for (const line of sql.split('\n')) {
    if (line.trim() !== '' && !line.startsWith('--')) inHeader = false
    if (!DIRECTIVE.test(line)) continue
    if (!inHeader) {
      if (/^--\s*migrate:/.test(line)) return refuse(`"${line.trim()}" stands after the first statement`)
      continue
    }
    const directive = line.replace(/^--\s*/, '').trim()
    if (directive.startsWith('migrate:')) {
      if (directive !== 'migrate:no-transaction') return refuse(`unknown directive ${directive}`)
      mode = 'no-transaction'
      continue
    }
    for (const part of directive.split(';')) {
      const [, key, value] = /^\s*([a-z-]+)\s*:\s*(.*?)\s*$/.exec(part) ?? []
      if (key === undefined || value === undefined) return refuse(`"${part.trim()}" is not "key: value"`)
      if (key !== 'module' && key !== 'requires') return refuse(`unknown key ${key}`)
      if (fields.has(key)) return refuse(`${key} is given twice`)
      fields.set(key, value)
    }
  }
  const module = fields.get('module')
  if (module === undefined) return refuse('no line "-- module: name"')
  const requires =
    fields
      .get('requires')
      ?.split(',')
      .map((name) => name.trim()) ?? []
  for (const name of [module, ...requires]) {
    if (!MODULE_NAME.test(name))
      return refuse(`"${name}" is not a module name: lower-case words joined by hyphens`)
  }
  if (requires.includes(module)) return refuse(`${module} requires itself`)
  return { ok: true, header: { module, requires: [...new Set(requires)], mode } }
}

function refuse(reason: string): HeaderReading {
  return { ok: false, reason }
}
