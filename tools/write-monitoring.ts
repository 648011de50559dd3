/**
 * Writes the rules of service levels and the dashboards below k8s/monitoring. A test says when they are stale.
 * Usage: npx node tools/write-monitoring.ts
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { generatedFiles } from './monitoring/generated-files.ts'

for (const [path, text] of generatedFiles()) {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}
