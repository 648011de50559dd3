import { InvalidOptionError } from '../../errors/index.ts'
import type { StandardSchema } from '../standard-schema.ts'
import type { AjvClient } from './ajv-client.ts'
import { toSchemaIssues } from './ajv-issues.ts'

/** Ajv options by which it changes the value that it checks: it would fill in, drop or convert without saying so. */
const CHANGING_OPTIONS = ['coerceTypes', 'useDefaults', 'removeAdditional'] as const

/**
 * A Standard Schema of a JSON Schema, checked by the Ajv 8 that is passed in (`new Ajv({ allErrors: true })`, or
 * `ajv/dist/2020.js` for draft 2020-12). `Value` is what the schema describes, in the caller's own words. The schema is
 * compiled once, here; it is code, so never take it from a stranger.
 * @throws InvalidOptionError `INVALID_OPTION` on an Ajv that changes what it checks (`coerceTypes`, `useDefaults`,
 * `removeAdditional`) or a schema that Ajv refuses or that answers later (`$async`).
 */
export function fromJsonSchema<Value = unknown>(
  ajv: AjvClient,
  schema: Readonly<Record<string, unknown>>,
): StandardSchema<Value> {
  for (const option of CHANGING_OPTIONS) {
    const given = ajv.opts[option]
    if (given !== undefined && given !== false) {
      throw new InvalidOptionError(
        `ajv.opts.${option}`,
        'false: the value is converted by `coercion` alone',
        given,
      )
    }
  }
  if (schema.$async === true)
    throw new InvalidOptionError('schema', 'a schema that answers at once', '$async')
  const check = compile(ajv, schema)
  return {
    '~standard': {
      version: 1,
      vendor: 'json-schema',
      // What passes the check is of the type that the caller gave the schema.
      validate: (value) =>
        check(value) === true
          ? { value: value as Value }
          : { issues: toSchemaIssues(check.errors ?? [], value) },
    },
  }
}

function compile(
  ajv: AjvClient,
  schema: Readonly<Record<string, unknown>>,
): ReturnType<AjvClient['compile']> {
  try {
    return ajv.compile(schema)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new InvalidOptionError('schema', `a JSON Schema that Ajv takes (${reason})`, schema)
  }
}
