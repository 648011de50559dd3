/** Takes note of how what was just opened is closed. */
export type CloseLater = (close: () => Promise<unknown>) => void

/** What was opened together, and how all of it is closed. */
export type OpenedTogether<Value> = Value & {
  /** Closes the last first, each though another cannot be closed. Throws what the first of those threw. Again: nothing. */
  stop(): Promise<void>
}

/**
 * Opens several things that belong together. Where one of them cannot be opened, those before it are closed, and that
 * failure is thrown: so nothing stays behind.
 */
export async function openTogether<Value extends object>(
  open: (closeLater: CloseLater) => Promise<Value>,
): Promise<OpenedTogether<Value>> {
  const closes: (() => Promise<unknown>)[] = []
  const stop = async (): Promise<void> => {
    const failures: unknown[] = []
    for (const close of closes.splice(0).reverse()) {
      await close().catch((error: unknown) => failures.push(error))
    }
    if (failures.length > 0) throw failures[0]
  }
  try {
    return { ...(await open((close) => closes.push(close))), stop }
  } catch (error) {
    // What went wrong first is what matters.
    await stop().catch(() => undefined)
    throw error
  }
}
