import { createPriceTable, type ModelPriceOptions, type PriceTable, parseMoney } from '@golden-arch/budget'
import type { z } from 'zod'

/** A model that stands in for the one before it. */
export interface ModelFallback {
  /** Undefined: that of the first model. */
  readonly baseUrl: string | undefined
  readonly model: string
}

/** Tools that agents can be given. */
const AGENT_TOOLS = ['run_code', 'read_artefact'] as const

/** A tool that agents can be given. */
export type AgentToolName = (typeof AGENT_TOOLS)[number]

const MAX_FALLBACKS = 8

/** What is wrong with the text as an endpoint of models; undefined where it is one, or `scripted`. */
export function modelAddressFault(text: string): string | undefined {
  if (text === 'scripted') return undefined
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol))
    return 'must begin with http:// or https://, or be scripted'
  if (url.username + url.password === '') return undefined
  return 'must hold no user name or password: MODEL_API_KEY is the place of a secret'
}

/** The models of a text such as `small,https://elsewhere.example.org/v1|large`; an issue for what is none. */
export function modelFallbacksOf(text: string, context: z.RefinementCtx<string>): readonly ModelFallback[] {
  const fallbacks = listOf(text).map((item): ModelFallback => {
    const at = item.lastIndexOf('|')
    const baseUrl = at === -1 ? undefined : item.slice(0, at).trim()
    const model = item.slice(at + 1).trim()
    const url = baseUrl === undefined ? undefined : URL.parse(baseUrl)
    const isPlace =
      url === undefined ||
      (url !== null && /^https?:$/.test(url.protocol) && url.username + url.password === '')
    if (model === '' || !isPlace) {
      context.addIssue({
        code: 'custom',
        message: 'must be models with commas, each with its endpoint and | before it where that is another',
      })
    }
    return { baseUrl, model }
  })
  if (fallbacks.length > MAX_FALLBACKS) {
    context.addIssue({ code: 'custom', message: `must be ${MAX_FALLBACKS} models at most` })
  }
  return fallbacks
}

/** The price table of a text such as `USD,small=0.15/0.60,large=2.50/10`; undefined for an empty one. */
export function modelPricesOf(text: string, context: z.RefinementCtx<string>): PriceTable | undefined {
  const [currency = '', ...items] = listOf(text)
  if (currency === '') return undefined
  try {
    const models: Record<string, ModelPriceOptions> = {}
    for (const item of items) {
      const at = item.lastIndexOf('=')
      const [input = '', output = ''] = item.slice(at + 1).split('/', 2)
      const model = item.slice(0, at).trim()
      if (at < 1 || Object.hasOwn(models, model)) throw new Error('a model is missing, or twice there')
      models[model] = { input: ratesOf(input, currency), output: ratesOf(output, currency) }
    }
    return createPriceTable({ version: 'MODEL_PRICES', effectiveFrom: new Date(0), currency, models })
  } catch {
    context.addIssue({
      code: 'custom',
      message:
        'must be a currency, then model=input/output for a million tokens each, such as USD,small=0.15/0.60',
    })
    return undefined
  }
}

/** The tools of a text with commas between them. */
export function agentToolsOf(text: string, context: z.RefinementCtx<string>): readonly AgentToolName[] {
  return listOf(text).flatMap((name) => {
    const tool = AGENT_TOOLS.find((one) => one === name)
    if (tool !== undefined) return [tool]
    context.addIssue({ code: 'custom', message: `must be of ${AGENT_TOOLS.join(', ')}, with commas` })
    return []
  })
}

/** The keys of the fallbacks, in their order; an empty one is none. */
export function fallbackKeysOf(text: string | undefined): readonly string[] {
  return text === undefined ? [] : text.split(',').map((key) => key.trim())
}

function ratesOf(text: string, currency: string): bigint {
  const { micros } = parseMoney(`${text.trim()} ${currency}`)
  if (micros < 0n) throw new Error('a price below nothing')
  return micros
}

function listOf(text: string): readonly string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
}
