import type { AiSdkOutputPart, AiSdkOutputUsage } from './ai-sdk-model.ts'
import { waitsForTool } from './answer-content.ts'
import type { HeldAnswer } from './ask-for-output.ts'
import type { GivenUsage } from './sum-usage.ts'

/** The answer of an attempt that was streamed. */
export interface HeldParts<Part> extends HeldAnswer {
  readonly parts: readonly Part[]
}

/** The parts of a stream that are read, the same in the versions 6 and 7 of the AI SDK. */
interface KnownParts {
  readonly 'text-delta': AiSdkOutputPart & { readonly delta: string }
  readonly finish: AiSdkOutputPart & {
    readonly finishReason: { readonly unified: string }
    readonly usage: GivenUsage
  }
  readonly error: AiSdkOutputPart & { readonly error: unknown }
}

/** Parts that tell of the call and not of its answer: they are passed on as they come. */
const OF_THE_CALL: ReadonlySet<string> = new Set(['stream-start', 'ping', 'raw'])

/** Reads the stream of an attempt to its end and holds back what belongs to the answer. @throws whatever the stream throws. */
export async function holdParts<Part extends AiSdkOutputPart>(
  stream: ReadableStream<Part>,
  signal: AbortSignal,
  passOn: (part: Part) => Promise<void>,
): Promise<HeldParts<Part>> {
  const reader = stream.getReader()
  const leave = (): void => void reader.cancel(signal.reason).catch(() => undefined)
  signal.addEventListener('abort', leave, { once: true })
  if (signal.aborted) leave()
  try {
    const parts: Part[] = []
    for (let step = await reader.read(); !step.done; step = await reader.read()) {
      if (OF_THE_CALL.has(step.value.type)) await passOn(step.value)
      else parts.push(step.value)
    }
    return readParts(parts)
  } finally {
    signal.removeEventListener('abort', leave)
  }
}

function readParts<Part extends AiSdkOutputPart>(parts: readonly Part[]): HeldParts<Part> {
  const finish = parts.find((part) => isPart(part, 'finish'))
  const failed = parts.find((part) => isPart(part, 'error'))
  // A stream that ends without saying so was interrupted, as the AI SDK 7 calls it.
  const finishReason = finish?.finishReason.unified ?? 'interrupted'
  return {
    parts,
    text: parts.map((part) => (isPart(part, 'text-delta') ? part.delta : '')).join(''),
    finishReason,
    isToolCall: finishReason === 'tool-calls' || waitsForTool(parts),
    usage: finish?.usage,
    ...(failed === undefined ? {} : { error: { cause: failed.error } }),
  }
}

/** The parts with this JSON in the place of their text, and this usage in the place of the last call's. */
export function replaceParts<Part extends AiSdkOutputPart>(
  parts: readonly Part[],
  { json, usage }: { readonly json?: string | undefined; readonly usage?: AiSdkOutputUsage | undefined },
): readonly Part[] {
  const first = parts.findIndex((part) => isPart(part, 'text-delta'))
  return parts.flatMap((part, index) => {
    if (json !== undefined && isPart(part, 'text-delta'))
      return index === first ? [{ ...part, delta: json }] : []
    return [usage !== undefined && isPart(part, 'finish') ? { ...part, usage } : part]
  })
}

/** Parts of these types have this shape, in all versions of the SDK that are spoken to. */
function isPart<Part extends AiSdkOutputPart, Type extends keyof KnownParts>(
  part: Part,
  type: Type,
): part is Part & KnownParts[Type] {
  return part.type === type
}
