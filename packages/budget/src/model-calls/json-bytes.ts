/** Bytes that a value has as JSON, files in it as the bytes that they are. */
export function jsonBytes(value: unknown): number {
  let fileBytes = 0
  const text = JSON.stringify(value, (_name, item: unknown) => {
    if (!(item instanceof Uint8Array)) return item
    fileBytes += item.byteLength
    return ''
  })
  return Buffer.byteLength(text ?? '') + fileBytes
}
