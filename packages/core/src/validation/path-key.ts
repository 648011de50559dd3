/** A path as one text. Libraries write an index as a number or as its digits: both give one key. */
export function pathKey(path: ReadonlyArray<string | number>): string {
  return JSON.stringify(path.map(String))
}
