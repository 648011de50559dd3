/** A validated answer, or why there is none. `isRemediable` says whether asking again, with the feedback, may help. */
export type Reply<Value> =
  | { readonly kind: 'value'; readonly value: Value }
  | {
      readonly kind: 'failure'
      readonly code: string
      readonly feedback: string
      readonly isRemediable: boolean
    }
