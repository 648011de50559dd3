/** Bytes that a value has as JSON, files in it as the bytes that they are. */
export function jsonBytes(value: unknown): number {
  let fileBytes = 0
  const text = JSON.stringify(value, function (this: Readonly<Record<string, unknown>>, name, item: unknown) {
    // As it stands there: a Buffer has turned itself into a list of numbers by now.
    const given = this[name]
    if (!(given instanceof Uint8Array)) return item
    fileBytes += given.byteLength
    return ''
  })
  return Buffer.byteLength(text ?? '') + fileBytes
}
