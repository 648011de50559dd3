import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { z } from 'zod'

/** A line of a file that holds one JSON value a line. */
export interface JsonLine<Value> {
  readonly value: Value
  /** File and line, as `tasks.jsonl:7`. */
  readonly where: string
}

/** Reads a file with one JSON value a line; empty lines do not count. Throws, naming file and line, on one that is none. */
export function readJsonLines<Value>(file: string, schema: z.ZodType<Value>): readonly JsonLine<Value>[] {
  const lines = readFileSync(file, 'utf8').split('\n')
  return lines.flatMap((line, index) => {
    if (line.trim() === '') return []
    const where = `${basename(file)}:${index + 1}`
    const parsed = schema.safeParse(parseLine(line, where))
    if (!parsed.success) throw new Error(`${where}: ${z.prettifyError(parsed.error)}`)
    return [{ value: parsed.data, where }]
  })
}

function parseLine(line: string, where: string): unknown {
  try {
    return JSON.parse(line)
  } catch (error) {
    throw new Error(`${where}: not JSON`, { cause: error })
  }
}
