/** Who gave the answer of a reply. */
export interface AnsweredBy {
  /** `provider/model`. */
  readonly model: string
  /** Which call of the question brought it, from 1. */
  readonly call: number
  /** The governed version of the role's prompt; null where the prompt came with the question. */
  readonly promptVersion: number | null
}

/** A validated answer, or why there is none. `isRemediable` says whether asking again, with the feedback, may help. */
export type Reply<Value> =
  | { readonly kind: 'value'; readonly value: Value; readonly answeredBy?: AnsweredBy }
  | {
      readonly kind: 'failure'
      readonly code: string
      readonly feedback: string
      readonly isRemediable: boolean
      /** Milliseconds after which the models may answer again; absent where nobody said so. */
      readonly retryAfterMs?: number
      /** Absent: no model answered. */
      readonly answeredBy?: AnsweredBy
    }
