import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { markdownExamples } from '../markdown-examples.ts'
import type { Finding } from './tracked-files.ts'

const FOLDER = join('.golden-arch', 'doc-examples')

/** Compiles every TypeScript block of the Markdown files, each as a module of its own, and runs those marked so. */
export function checkDocExamples(markdownFiles: readonly string[]): readonly Finding[] {
  const examples = markdownExamples(markdownFiles)
  if (examples.length === 0) return []
  rmSync(FOLDER, { recursive: true, force: true })
  mkdirSync(FOLDER, { recursive: true })
  const named = examples.map((example, index) => {
    const name = `example-${index + 1}.ts`
    writeFileSync(join(FOLDER, name), `${example.code}\nexport {}\n`)
    return { name, example }
  })
  const config = {
    extends: '../../tsconfig.json',
    include: ['./*.ts'],
  }
  writeFileSync(join(FOLDER, 'tsconfig.json'), JSON.stringify(config))
  const compiled = run([
    'node_modules/typescript/bin/tsc',
    '-p',
    join(FOLDER, 'tsconfig.json'),
    '--noEmit',
    '--pretty',
    'false',
  ])
  const findings: Finding[] = named.flatMap(({ name, example }) =>
    compiled
      .split('\n')
      .filter((line) => line.includes(`${name}(`))
      .map((line) => ({
        file: `${example.file}:${example.line}`,
        problem: line.slice(line.indexOf('error')),
      })),
  )
  if (findings.length === 0 && compiled.includes('error')) findings.push({ file: FOLDER, problem: compiled })
  for (const { name, example } of named) {
    if (!example.isRunnable) continue
    const output = run(['--conditions=golden-arch-source', join(FOLDER, name)], 60_000)
    if (output !== '') findings.push({ file: `${example.file}:${example.line}`, problem: output })
  }
  return findings
}

/** Empty where the program ended well, else what it said. */
function run(args: readonly string[], timeoutMs = 300_000): string {
  try {
    execFileSync(process.execPath, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      encoding: 'utf8',
      timeout: timeoutMs,
    })
    return ''
  } catch (error) {
    const output = error as { stdout?: string; stderr?: string; message: string }
    return `${output.stdout ?? ''}${output.stderr ?? ''}` || output.message
  }
}
