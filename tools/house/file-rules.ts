import { existsSync, readFileSync } from 'node:fs'
import type { Finding } from './tracked-files.ts'

const MAX_PRODUCTION_LINES = 350
const DRAWER = /(^|\/)(utils?|helpers?|common|misc|types|interfaces|constants|lib)(\/|\.[cm]?tsx?$)/
const PRODUCTION = /^(packages|examples)\/[^/]+\/src\/.*\.ts$/
const TEST = /\.(test|contract|story|bench|test-d)\.ts$|\/testing\//
const KEBAB = /^(\.?[a-z0-9]+([-.][a-z0-9]+)*|[A-Z]+(_[A-Z]+)*\.md|LICENSE)$/
const MACHINE_PATH = /(^|[\s"'`(=])\/(work|home|root|Users)\/[A-Za-z]/
const HOST = /(?<!pod-)\b(deb|security|ftp|registry|mirror)s?\.[a-z0-9-]+\.(org|com|net|io)\b/
const FOCUS = /\b(it|test|describe)\.(only|todo)\(/

/** What is wrong with the name of a file, its size, or the words in it. */
export function checkFile(file: string): readonly Finding[] {
  const findings: Finding[] = []
  const say = (problem: string): void => void findings.push({ file, problem })
  if (DRAWER.test(file)) say('a drawer without a meaning: name it after the one thing inside')
  const isSource = /\.(ts|tsx|mjs|sql)$/.test(file)
  if (isSource && !file.split('/').every((part) => KEBAB.test(part) || /^\d{3}_[a-z_]+\.sql$/.test(part))) {
    say('not in kebab-case')
  }
  if (file === 'package-lock.json' || !/\.(ts|tsx|mjs|js|sql|md|json|jsonl|ya?ml|sh)$|^\.ci\//.test(file))
    return findings
  if (!existsSync(file)) return findings
  const lines = readFileSync(file, 'utf8').split('\n')
  if (PRODUCTION.test(file) && !TEST.test(file) && lines.length > MAX_PRODUCTION_LINES) {
    say(`${lines.length} lines, more than ${MAX_PRODUCTION_LINES}: split it where it hurts the reader`)
  }
  for (const [index, line] of lines.entries()) {
    const where = `line ${index + 1}: `
    if (MACHINE_PATH.test(line)) say(`${where}a path of a machine`)
    if (HOST.test(line)) say(`${where}the host name of a registry or mirror`)
    if (isSource && FOCUS.test(line)) say(`${where}a focused or empty test`)
  }
  return findings
}
