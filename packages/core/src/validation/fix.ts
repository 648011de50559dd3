/** A repair of JSON that cannot change a value: what the text means stays the same. */
export type RepairFixName =
  | 'byte-order-mark'
  | 'trailing-comma'
  | 'single-quotes'
  | 'smart-quotes'
  | 'unquoted-key'
  | 'comment'
  | 'python-literal'
  | 'raw-newline'
  | 'raw-tab'
  | 'invalid-escape'
  | 'unusual-blank'

/** Where in the answer the JSON was found, if it was not the whole answer. */
export type ExtractionFixName =
  | 'reasoning-removed'
  | 'fence-extracted'
  | 'tag-extracted'
  | 'prose-extracted'
  | 'candidate-chosen'

/** A choice that an option of the validator made, and that changes or leaves out something. */
export type PolicyFixName =
  | 'duplicate-key'
  | 'forbidden-key'
  | 'big-number'
  | 'lone-surrogate'
  | 'missing-bracket'
  | 'partial-dropped'
  | 'lines-joined'

/** A conversion that made a value fit its schema. */
export type CoercionFixName =
  | 'coerced-number'
  | 'coerced-boolean'
  | 'coerced-string'
  | 'coerced-enum'
  | 'coerced-null'
  | 'coerced-array'
  | 'double-encoded'

/** The name of a fix, stable and fit for a metric's label. */
export type FixName = RepairFixName | ExtractionFixName | PolicyFixName | CoercionFixName

/** One thing that was done to an answer to read its value. */
export interface Fix {
  readonly name: FixName
  /** First UTF-16 code unit of the answer that it concerns. */
  readonly start: number
  /** One past the last. */
  readonly end: number
  /** Keys and indexes from the root to the value, where the fix concerns one: coercions and dropped or changed values. */
  readonly path?: ReadonlyArray<string | number>
}
