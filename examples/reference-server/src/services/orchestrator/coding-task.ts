import { z } from 'zod'
import { isStorableJson } from '../storable-text.ts'

const entryPoint = z
  .string()
  .regex(/^[A-Za-z_$][\w$]{0,63}$/, 'a JavaScript identifier of at most 64 characters')

/** A hidden test: the body of a function that uses the solution, and what it must return or the word its error must hold. */
export const hiddenTestSchema = z
  .strictObject({
    name: z.string().min(1).max(200),
    run: z.string().min(1).max(10_000),
    equals: z.json().optional(),
    throws: z.string().min(1).max(200).optional(),
  })
  .refine(
    (test) => (test.equals === undefined) !== (test.throws === undefined),
    'needs equals or throws, not both',
  )

const partSchema = z.strictObject({
  entryPoint,
  signature: z.string().min(1).max(500),
  description: z.string().min(1).max(5000),
  tests: z.array(hiddenTestSchema).min(1).max(100),
})

/** A coding task as a client posts it and as a line of a tasks file holds it. */
export const codingTaskSchema = z
  .strictObject({
    id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,79}$/, 'lower-case letters, digits and hyphens, at most 80'),
    title: z.string().min(1).max(200),
    description: z.string().min(1).max(10_000),
    signature: z.string().min(1).max(500),
    entryPoint,
    /** Absent or empty: a tester writes them from the description. */
    tests: z.array(hiddenTestSchema).max(200).optional(),
    parts: z.array(partSchema).min(2).max(10).optional(),
  })
  .refine(isStorableJson, 'holds NUL or half a surrogate pair')

/** A test whose expectation the solution never sees. */
export type HiddenTest = z.infer<typeof hiddenTestSchema>

/** A coding task as asked for. */
export type CodingTask = z.infer<typeof codingTaskSchema>

/** One part of a coding task that is done in several steps. */
export type CodingPart = z.infer<typeof partSchema>

/** What a root or child task keeps as its input: what is to be written, and how it is tested. */
export const codingInputSchema = z.strictObject({
  id: z.string(),
  description: z.string(),
  signature: z.string(),
  entryPoint,
  tests: z.array(hiddenTestSchema).default([]),
  parts: z.array(partSchema).optional(),
  /** What the sibling tasks before this one define, for its use. */
  uses: z.array(z.strictObject({ entryPoint, signature: z.string() })).optional(),
})

/** What a root or child task keeps as its input. */
export type CodingInput = z.infer<typeof codingInputSchema>
