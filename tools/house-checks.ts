/** Checks of the house that no off-the-shelf tool makes. Usage: node tools/house-checks.ts */
import { checkDocExamples } from './house/doc-examples.ts'
import { undocumentedExports } from './house/docstrings.ts'
import { checkFile } from './house/file-rules.ts'
import { brokenLinks } from './house/markdown-links.ts'
import { trackedFiles } from './house/tracked-files.ts'

const files = trackedFiles()
const markdown = files.filter((file) => file.endsWith('.md') && !file.startsWith('.changeset/'))
const findings = [
  ...files.flatMap(checkFile),
  ...undocumentedExports(),
  ...checkDocExamples(markdown),
  ...brokenLinks(markdown),
]
for (const { file, problem } of findings) console.error(`${file}: ${problem}`)
console.log(`house checks: ${files.length} files, ${findings.length} findings`)
if (findings.length > 0) process.exitCode = 1
