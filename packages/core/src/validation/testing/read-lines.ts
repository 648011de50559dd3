import { readFileSync } from 'node:fs'

/** The values of a file of the corpus, one a line. A bigint, which JSON has not, is written `{"$bigint": "digits"}`. */
export function readLines(file: string): readonly unknown[] {
  return readFileSync(new URL(`corpus/${file}`, import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line, reviveBigint) as unknown)
}

function reviveBigint(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('$bigint' in value)) return value
  return BigInt(String(value.$bigint))
}
