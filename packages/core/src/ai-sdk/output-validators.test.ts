import { invalidOption } from '@golden-arch/testkit/options'
import { Ajv } from 'ajv'
import { type } from 'arktype'
import { expect, it, vi } from 'vitest'
import { z } from 'zod'
import { fromJsonSchema } from '../validation/index.ts'
import { OutputValidators } from './output-validators.ts'
import { validationMiddleware } from './validation-middleware.ts'
import {
  type OutputSchema,
  resolveValidationMiddlewareOptions,
  type ValidationMiddlewareOptions,
} from './validation-middleware-options.ts'

const validatorsOf = (schema: OutputSchema) =>
  new OutputValidators(resolveValidationMiddlewareOptions({ schema }))
const formatOf = (key: string) => ({
  type: 'json' as const,
  schema: { type: 'object', properties: { [key]: { type: 'number' } }, required: [key] },
})

it('reads nothing where no JSON is asked for', () => {
  const validators = validatorsOf(z.object({}))
  expect(validators.of(undefined)).toBeUndefined()
  expect(validators.of({ type: 'text' })).toBeUndefined()
  expect(validators.of({ type: 'json' })).toBeDefined()
})

it('checks each call by the schema that it carries, made once for all calls of that schema', () => {
  const ajv = new Ajv({ allErrors: true })
  const make = vi.fn((jsonSchema: Readonly<Record<string, unknown>>) => fromJsonSchema(ajv, jsonSchema))
  const validators = validatorsOf(make)
  expect(validators.of(formatOf('a'))?.parse('{"a": 1}').ok).toBe(true)
  expect(validators.of(formatOf('b'))?.parse('{"a": 1}').ok).toBe(false)
  expect(validators.of(formatOf('a'))).toBe(validators.of(formatOf('a')))
  expect(make).toHaveBeenCalledTimes(2)
  expect(validators.of({ type: 'json' })?.parse('{"c": 1,}')).toMatchObject({ ok: true, value: { c: 1 } })
})

it('forgets the schema that was not seen for the longest', () => {
  const make = vi.fn(() => z.unknown())
  const validators = validatorsOf(make)
  for (let index = 0; index < 100; index++) validators.of(formatOf(`key${index}`))
  validators.of(formatOf('key0'))
  validators.of(formatOf('one more'))
  expect(make).toHaveBeenCalledTimes(101)
  validators.of(formatOf('key0'))
  expect(make).toHaveBeenCalledTimes(101)
  validators.of(formatOf('key1'))
  expect(make).toHaveBeenCalledTimes(102)
})

it('gives the JSON that fits, not what the schema makes of it', () => {
  const length = z.object({ at: z.string().transform((text) => text.length), n: z.number().default(1) })
  const outcome = validatorsOf(length).of({ type: 'json' })?.parse("{'at': 'abc'}")
  expect(outcome).toMatchObject({ ok: true, value: { at: 'abc' } })
  expect(outcome?.ok && outcome.value).not.toHaveProperty('n')
})

it('takes a schema that is a function itself', () => {
  const validator = validatorsOf(type({ n: 'number' })).of({ type: 'json' })
  expect(validator?.parse('{"n": 1}').ok).toBe(true)
  expect(validator?.parse('{"n": "1"}').ok).toBe(false)
})

it('refuses a function that gives no schema', () => {
  // It is wrong on purpose.
  const validators = validatorsOf((() => undefined) as unknown as OutputSchema)
  expect(() => validators.of(formatOf('a'))).toThrow('a function that makes a Standard Schema')
})

it.each([
  ['schema', {}],
  ['schema', undefined],
  ['bigNumbers', 'bigint'],
  ['maxReAsks', 20],
  ['maxReAsks', -1],
  ['coercion', 'all'],
  ['mode', 'guess'],
])('refuses %s %j', (option, value) => {
  // They are wrong on purpose.
  const options = { schema: () => z.unknown(), [option]: value } as unknown as ValidationMiddlewareOptions
  expect(() => validationMiddleware(options)).toThrow(invalidOption(option))
})
