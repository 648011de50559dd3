/**
 * Shows what Pyodide in its child process bears: the whole table of abuses, and after each a harmless program. A table that
 * holds is no boundary: it lists the ways to the host that are known, not those that are not.
 * Usage: node --conditions=golden-arch-source tools/prove/sandbox-on-pyodide.ts [part of a title]
 */

import { PyodideBackend } from '@golden-arch/sandbox/pyodide'
import { PYODIDE_ABUSES } from '../../packages/sandbox/src/testing/pyodide-abuse.ts'
import { SandboxProof } from '../sandbox-proof.ts'

const START_TIMEOUT_MS = 240_000
const wanted = process.argv[2] ?? ''
const abuses = PYODIDE_ABUSES.filter(({ title }) => title.includes(wanted))
if (abuses.length === 0) throw new RangeError(`no abuse is named like ${wanted}`)
const proof = new SandboxProof()
const backend = new PyodideBackend({ warm: 2, startTimeoutMs: START_TIMEOUT_MS })
await backend.prepare()
await proof.tryAll(`Node ${process.versions.node}`, backend, abuses)
await backend.close()
if (backend.childCount > 0) proof.failures.push(`${backend.childCount} children were left`)
console.log(
  'Not blocked: the network, for a guest that reaches the modules of Node, where Node itself does not block it (24 and before).',
)
proof.finish('in a child process')
