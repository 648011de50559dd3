/** A value as far as it has come: each member may be missing, each list may be shorter, each text too. */
export type DeepPartial<Value> = Value extends readonly (infer Item)[]
  ? DeepPartial<Item>[]
  : Value extends Readonly<Record<PropertyKey, unknown>> | object
    ? { [Key in keyof Value]?: DeepPartial<Value[Key]> }
    : Value
