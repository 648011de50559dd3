/**
 * Imports one module alone and says what that changed in the process beside it: an import is to give names and do nothing.
 * The process must then end by itself. Exit code 1 with what changed, or if it exports nothing.
 * Usage: node import-alone.ts <specifier>
 */
// It makes global names of Node's own, which are no doing of whoever imports it next.
import 'node:http'

const BUILT_IN = {
  Object,
  Array,
  Function,
  Promise,
  Error,
  Map,
  Set,
  String,
  Number,
  Date,
  RegExp,
  Uint8Array,
  JSON,
  Math,
}

/** What a module could change without being asked, by name. */
function surroundings(): ReadonlyMap<string, string> {
  const seen = new Map<string, string>()
  const names = (object: object): string => Reflect.ownKeys(object).map(String).sort().join(' ')
  seen.set('the global names', names(globalThis))
  for (const [name, value] of Object.entries(BUILT_IN)) {
    seen.set(name, names(value))
    if ('prototype' in value) seen.set(`${name}.prototype`, names(value.prototype))
  }
  seen.set('Error.stackTraceLimit', String(Error.stackTraceLimit))
  seen.set('Error.prepareStackTrace', String(Error.prepareStackTrace))
  seen.set('fetch', String(globalThis.fetch))
  seen.set('the environment', JSON.stringify(process.env))
  seen.set('the working directory', process.cwd())
  const listeners = process.eventNames().map((name) => `${String(name)}:${process.listenerCount(name)}`)
  seen.set('the listeners of the process', listeners.sort().join(' '))
  // What keeps a process alive; standard output is there or not, as it is a pipe or a file.
  seen.set(
    'what is open',
    process
      .getActiveResourcesInfo()
      .filter((name) => !/Pipe|TTY/.test(name))
      .sort()
      .join(' '),
  )
  return seen
}

const [specifier = ''] = process.argv.slice(2)
const before = surroundings()
const exported = Object.keys(await import(specifier))
await new Promise((resolve) => setImmediate(resolve))
const after = surroundings()

const changes = [...after].filter(([name, value]) => before.get(name) !== value)
for (const [name, value] of changes) {
  const known = new Set(before.get(name)?.split(' '))
  const news = value.split(' ').filter((word) => !known.has(word))
  console.error(`${specifier} changes ${name} by being imported; new there: ${news.join(' ')}`)
}
if (exported.length === 0) console.error(`${specifier} exports nothing`)
if (changes.length > 0 || exported.length === 0) process.exitCode = 1
