const MAX_ANSWER_BYTES = 1024 * 1024

/** An answer that goes beyond every use. */
export class AnswerTooLargeError extends Error {
  override readonly message = `answer larger than ${MAX_ANSWER_BYTES} bytes`
}

/**
 * A `fetch` for model endpoints: it follows no redirect, which would carry the prompt and the key elsewhere, and its answer
 * fails beyond 1 MiB, streams too.
 */
export const boundedFetch: typeof fetch = async (input, init) => {
  const response = await fetch(input, { ...init, redirect: 'manual' })
  if (response.body === null) return response
  let size = 0
  const limiter = new TransformStream<Uint8Array, Uint8Array>({
    transform: (chunk, controller) => {
      size += chunk.length
      if (size > MAX_ANSWER_BYTES) controller.error(new AnswerTooLargeError())
      else controller.enqueue(chunk)
    },
  })
  const { status, statusText, headers } = response
  return new Response(response.body.pipeThrough(limiter), { status, statusText, headers })
}
