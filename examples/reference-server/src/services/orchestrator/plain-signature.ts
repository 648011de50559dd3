/** What people paste around a signature and no plain program may hold: the marks of a module, an opened body, a full stop. */
const MODULE_MARKS = /^(?:export\s+(?:default\s+)?)+/
const ENDING = /[\s{;]+$/

/** The signature as a plain program declares it: no `export`, no opened body, no blanks around it. */
export function plainSignature(signature: string): string {
  const plain = signature.trim().replace(MODULE_MARKS, '').replace(ENDING, '')
  return plain === '' ? signature : plain
}
