import { z } from 'zod'

const severity = z.enum(['info', 'warning', 'error'])
const finding = z.object({ file: z.string(), line: z.int(), severity, message: z.string() })
const step = z.object({ id: z.int(), action: z.string(), done: z.boolean() })
const item = z.object({ sku: z.string(), qty: z.int(), price: z.number() })

/** The schemas that the corpus names. */
export const CORPUS_SCHEMAS: Readonly<Record<string, z.ZodType>> = {
  any: z.unknown(),
  object: z.record(z.string(), z.unknown()),
  strings: z.array(z.string()),
  numbers: z.array(z.number()),
  counter: z.object({ count: z.int() }),
  answer: z.object({ answer: z.string() }),
  code: z.object({ language: z.string(), code: z.string() }),
  flag: z.object({ allowed: z.boolean(), reason: z.string() }),
  person: z.object({ name: z.string(), age: z.int(), email: z.string().optional() }),
  weather: z.object({ city: z.string(), temperature_c: z.number(), conditions: z.string() }),
  tool: z.object({ tool: z.string(), arguments: z.record(z.string(), z.unknown()) }),
  classification: z.object({ label: z.enum(['spam', 'ham']), probability: z.number().min(0).max(1) }),
  review: z.object({
    verdict: z.enum(['approve', 'revise', 'reject']),
    score: z.number(),
    comments: z.array(z.string()),
  }),
  ticket: z.object({
    title: z.string(),
    priority: z.enum(['low', 'medium', 'high', 'critical']),
    tags: z.array(z.string()),
    assignee: z.string().nullable(),
  }),
  summary: z.object({
    summary: z.string(),
    key_points: z.array(z.string()),
    confidence: z.number().min(0).max(1),
  }),
  plan: z.object({ steps: z.array(step).min(1) }),
  finding,
  findings: z.array(finding),
  invoice: z.object({ number: z.string(), total: z.number(), currency: z.string(), items: z.array(item) }),
}
