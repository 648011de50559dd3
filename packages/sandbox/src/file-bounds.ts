/** How much may come back. */
export interface FileBounds {
  /** Bytes of all files. */
  readonly filesLimitBytes: number
  readonly maxFiles: number
}
