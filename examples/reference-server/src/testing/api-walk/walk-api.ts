import fc from 'fast-check'
import type { ApiDocument, Operation } from './api-document.ts'
import { type GeneratedRequest, requestsTo } from './generated-request.ts'
import { KnownValues } from './known-values.ts'
import { asGenerated, type PreparedRequests } from './prepared-request.ts'
import { sendRequest, type Walked } from './send-request.ts'

/** Where, as whom and for how long an API is walked. */
export interface WalkOptions extends Walked {
  readonly document: ApiDocument
  readonly requestsPerOperation: number
  /** What is there to ask for: by the part of the path that it is found under, then by name. */
  readonly scene: Readonly<Record<string, unknown>>
  /** The same seed makes the same requests, as far as the answers are the same. */
  readonly seed: number
  /** Sent before the others, one to each operation, which must serve it. Default none are. */
  readonly prepared?: PreparedRequests
}

/** What a walk came upon. */
export interface WalkReport {
  readonly requests: number
  readonly answersByStatus: Readonly<Record<string, number>>
  /** Operations that never answered with success; and what was answered to their prepared request. */
  readonly neverServed: readonly string[]
  /** Answers that the document does not know, and failures of the server. */
  readonly violations: readonly string[]
}

/** Sends generated requests, good and bad, to every operation, and holds each answer against the document. */
export async function walkApi(options: WalkOptions): Promise<WalkReport> {
  const { document, requestsPerOperation, seed, scene, prepared } = options
  const known = new KnownValues()
  for (const [collection, values] of Object.entries(scene)) known.learn(values, collection)
  const answersByStatus: Record<string, number> = {}
  const served = new Set<string>()
  const violations: string[] = []
  const plans = document.operations.map((operation, index) => ({
    operation,
    requests: fc.sample(requestsTo(operation, document), {
      seed: seed + index,
      numRuns: requestsPerOperation,
    }),
  }))
  const refused = new Map<string, string>()
  const ask = async (operation: Operation, request: GeneratedRequest): Promise<void> => {
    const { status, problems, sent } = await sendRequest(operation, request, options, known)
    answersByStatus[status] = (answersByStatus[status] ?? 0) + 1
    if (status < 400) served.add(operation.operationId)
    else if (!refused.has(operation.operationId)) refused.set(operation.operationId, sent)
    violations.push(...problems.map((problem) => `${sent}: ${problem}`))
  }
  if (prepared !== undefined) {
    for (const operation of document.operations) {
      await ask(operation, asGenerated(prepared[`${operation.method} ${operation.path}`] ?? {}))
    }
  }
  // Round by round, so that what one operation makes is there for the others.
  for (let round = 0; round < requestsPerOperation; round++) {
    for (const { operation, requests } of plans) {
      const request = requests[round]
      if (request === undefined) continue
      await ask(operation, request)
    }
  }
  const counts = Object.values(answersByStatus)
  return {
    requests: counts.reduce((sum, count) => sum + count, 0),
    answersByStatus,
    neverServed: document.operations
      .map(({ operationId }) => operationId)
      .filter((id) => !served.has(id))
      .map((id) => (prepared === undefined ? id : `${id}: ${refused.get(id)}`)),
    violations,
  }
}
