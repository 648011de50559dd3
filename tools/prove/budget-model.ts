/**
 * Proves that budgets answer and count as a simple model does: random sequences of all operations, with expiries, lost
 * answers, restarts and duplicates, on PostgreSQL and on PGlite. It runs the test of the model with more sequences, all
 * of them, each time from another seed; a failure prints the seed and the shortest sequence that fails.
 * Usage: node tools/prove/budget-model.ts [number of sequences on each database, default 1000]
 */
import { spawnSync } from 'node:child_process'

const runs = process.argv[2] ?? '1000'
const files = ['int', 'pglite'].map((kind) => `packages/budget/src/budget-controller.${kind}.test.ts`)
const { status } = spawnSync('npx', ['vitest', 'run', ...files, '-t', 'any sequence of operations'], {
  env: { ...process.env, BUDGET_MODEL_RUNS: runs },
  stdio: 'inherit',
})
if (status === 0)
  console.log(`${runs} sequences on each of ${files.length} databases: every answer as the model's`)
process.exitCode = status ?? 1
