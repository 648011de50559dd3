/**
 * Shows what Pyodide in its child process bears: the whole table of abuses, and after each a harmless program. A table that
 * holds is no boundary: it lists the ways to the host that are known, not those that are not.
 * Usage: node --conditions=golden-arch-source tools/prove/sandbox-on-pyodide.ts [part of a title]
 */

import { PyodideBackend } from '@golden-arch/sandbox/pyodide'
import { PYODIDE_ABUSES } from '../../packages/sandbox/src/testing/pyodide-abuse.ts'
import { tryAbuse } from '../../packages/sandbox/src/testing/try-abuse.ts'

const START_TIMEOUT_MS = 240_000
const wanted = process.argv[2] ?? ''
const abuses = PYODIDE_ABUSES.filter(({ title }) => title.includes(wanted))
const failures: string[] = []
const rows: Record<string, { status: string; seconds: string }> = {}
const backend = new PyodideBackend({ warm: 2, startTimeoutMs: START_TIMEOUT_MS })
await backend.prepare()
for (const abuse of abuses) {
  const startedAt = performance.now()
  const { outcome, failure } = await tryAbuse(backend, abuse)
  const status = failure === undefined ? outcome.status : `FAILED: ${outcome.status}`
  rows[abuse.title] = { status, seconds: ((performance.now() - startedAt) / 1000).toFixed(1) }
  if (failure !== undefined) failures.push(`${abuse.title}: ${failure}`)
}
await backend.close()
if (backend.childCount > 0) failures.push(`${backend.childCount} children were left`)
console.table(rows)
for (const failure of failures) console.log(failure)
console.log(`${abuses.length} abuses on Node ${process.versions.node}, ${failures.length} failures`)
console.log(
  'Not blocked: the network, for a guest that reaches the modules of Node, where Node itself does not block it (24 and before).',
)
if (failures.length > 0) process.exitCode = 1
