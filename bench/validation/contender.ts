/** One way to read a value out of a model's answer; a schema checks what it gives. */
export interface Contender {
  readonly name: string
  /** Gives the value. @throws where the contender refuses the text; whatever it throws counts as a refusal. */
  read(text: string): unknown
}
