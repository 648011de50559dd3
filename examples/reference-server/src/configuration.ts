import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { callerPath } from './caller-path.ts'

type Environment = Readonly<Record<string, string | undefined>>

const PORT_RULE = 'must be a whole number from 0 to 65535'
const PORT_FIELD = z.coerce.number(PORT_RULE).int(PORT_RULE).min(0, PORT_RULE).max(65_535, PORT_RULE)

const environmentSchema = z.object({
  DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/, error: 'must begin with postgres:// or postgresql://' })
    .optional()
    .describe('PostgreSQL server. Absent: PGlite in the process, in DATA_DIR.'),
  DATA_DIR: z
    .string()
    .default('.golden-arch/server')
    .describe('Folder of PGlite; a relative one is below the folder where npm was called.'),
  HOST: z
    .string()
    .default('127.0.0.1')
    .describe('Address to listen on. 0.0.0.0 takes calls from other machines.'),
  PORT: PORT_FIELD.default(8000).describe('Port to listen on. 0 takes any that is free.'),
  LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'], 'must be debug, info, warn, error or silent')
    .default('info')
    .describe('debug, info, warn, error or silent. The log is JSON on standard error.'),
  MODEL_BASE_URL: z
    .url({ protocol: /^https?$/, error: 'must begin with http:// or https://' })
    .optional()
    .describe(
      'OpenAI-compatible endpoint, such as http://localhost:4000/v1. Absent: recorded answers, to the tasks of the demo only.',
    ),
  MODEL_API_KEY: z.string().default('').describe('Its key.'),
  MODEL_NAME: z.string().default('scripted').describe('Its model; needed with MODEL_BASE_URL.'),
  JWT_ISSUER: z.string().default('golden-architecture').describe('Who issues access tokens.'),
  JWT_AUDIENCE: z.string().default('golden-architecture').describe('Whom access tokens are for.'),
})

const FIELDS = Object.entries(environmentSchema.shape)

/** What the reference server is told by its environment. */
export type Configuration = z.infer<typeof environmentSchema>

/** One line for each variable: its name, what it says, its default. */
export function configurationHelp(): string {
  const defaults: Readonly<Record<string, unknown>> = environmentSchema.parse({})
  return FIELDS.map(([name, field]) => {
    const value = defaults[name]
    const ending = value === undefined || value === '' ? '' : ` Default ${String(value)}.`
    return `  ${name.padEnd(15)} ${field.description ?? ''}${ending}`
  }).join('\n')
}

/**
 * Reads the configuration. Each variable may also be given as `NAME_FILE`, the path of a file that holds its value;
 * an empty variable counts as absent. Throws, naming every variable that is wrong, and never its value.
 */
export function readConfiguration(environment: Environment): Configuration {
  const given: Record<string, string> = {}
  for (const [name] of FIELDS) {
    const value = variable(name, environment)
    if (value !== undefined) given[name] = value
  }
  const parsed = environmentSchema.safeParse(given)
  if (!parsed.success) {
    throw refused(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '))
  }
  if (given.MODEL_BASE_URL !== undefined && given.MODEL_NAME === undefined) {
    throw refused('MODEL_NAME: needed with MODEL_BASE_URL')
  }
  return { ...parsed.data, DATA_DIR: callerPath(parsed.data.DATA_DIR, environment) }
}

function variable(name: string, environment: Environment): string | undefined {
  const direct = environment[name]
  const file = environment[`${name}_FILE`]
  if (file === undefined || file === '') return direct === '' ? undefined : direct
  if (direct !== undefined && direct !== '') throw refused(`${name} and ${name}_FILE are both set`)
  try {
    return readFileSync(callerPath(file, environment), 'utf8').trimEnd()
  } catch (error) {
    throw refused(`${name}_FILE: ${error instanceof Error ? error.message : 'cannot be read'}`)
  }
}

function refused(why: string): Error {
  return new Error(`configuration refused: ${why}`)
}
