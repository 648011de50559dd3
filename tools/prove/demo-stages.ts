/** Switches each stage of the demo off in turn: every run must fail, and say what went wrong. */
import { join } from 'node:path'
import { startDemo } from '../../examples/reference-server/src/demo/testing/demo-process.ts'
import { STAGE_PROBLEMS } from '../../examples/reference-server/src/demo/testing/stage-problems.ts'
import { temporaryFolder } from '../../internal/testkit/src/isolation/temporary-folder.ts'

const folder = await temporaryFolder('demo-stages')
let failures = 0
try {
  for (const [stage, problem] of Object.entries(STAGE_PROBLEMS)) {
    const { code, output } = await startDemo(join(folder.path, stage), '--without', stage).exit
    const said = output.split('\n').filter((line) => line.startsWith('NOT AS EXPECTED'))
    const isFound = code === 1 && said.some((line) => line.includes(problem))
    console.log(`without ${stage}: exit code ${code}, ${said.length} problems, ${said[0] ?? 'none said'}`)
    if (!isFound) {
      failures++
      console.log(`  MISSING: exit code 1 and "${problem}"\n${output}`)
    }
  }
} finally {
  await folder.remove()
}
console.log(`${Object.keys(STAGE_PROBLEMS).length} stages switched off, ${failures} not noticed`)
if (failures > 0) process.exitCode = 1
