import { readFileSync } from 'node:fs'
import { z } from 'zod'

const port = z.coerce.number().int().min(0).max(65_535)

const environmentSchema = z.object({
  DATABASE_URL: z.string().min(1).optional(),
  DATA_DIR: z.string().min(1).default('.golden-arch/server'),
  HOST: z.string().min(1).default('127.0.0.1'),
  PORT: port.default(8000),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  MODEL_BASE_URL: z.url().optional(),
  MODEL_API_KEY: z.string().default(''),
  MODEL_NAME: z.string().min(1).default('scripted'),
  JWT_ISSUER: z.string().min(1).default('golden-architecture'),
  JWT_AUDIENCE: z.string().min(1).default('golden-architecture'),
})

const NAMES = Object.keys(environmentSchema.shape)

/** What the reference server is told by its environment. */
export type Configuration = z.infer<typeof environmentSchema>

/**
 * Reads the configuration. Each variable may also be given as `NAME_FILE`, the path of a file that holds its value;
 * an empty variable counts as absent. Throws, naming every variable that is wrong, and never its value.
 */
export function readConfiguration(environment: Readonly<Record<string, string | undefined>>): Configuration {
  const given: Record<string, string> = {}
  for (const name of NAMES) {
    const value = variable(name, environment)
    if (value !== undefined) given[name] = value
  }
  const parsed = environmentSchema.safeParse(given)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
  throw new Error(`configuration refused: ${problems.join('; ')}`)
}

function variable(
  name: string,
  environment: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const direct = environment[name]
  const file = environment[`${name}_FILE`]
  if (direct !== undefined && direct !== '' && file !== undefined && file !== '') {
    throw new Error(`configuration refused: ${name} and ${name}_FILE are both set`)
  }
  if (file !== undefined && file !== '') return readFileSync(file, 'utf8').trimEnd()
  return direct === '' ? undefined : direct
}
