import { connect } from 'node:net'

const MAX_ANSWER_CHARACTERS = 100_000

/** Connects, sends `request`, and returns the first match of `expected` in the answer; throws after `timeLimitMs`. */
export function askOverTcp(
  at: { readonly host: string; readonly port: number },
  request: string,
  expected: RegExp,
  timeLimitMs = 2_000,
): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    const socket = connect(at)
    let answer = ''
    const end = (act: () => void): void => {
      socket.destroy()
      act()
    }
    const fail = (why: string): void => end(() => reject(new Error(`${at.host}:${at.port} ${why}`)))
    socket.setTimeout(timeLimitMs, () => fail(`gave no answer within ${timeLimitMs} ms`))
    socket.once('error', (error) => fail(error.message))
    socket.once('close', () => fail(`closed the connection: ${answer.slice(0, 200)}`))
    socket.setEncoding('utf8').on('data', (text: string) => {
      answer += text
      const match = expected.exec(answer)
      if (match !== null) end(() => resolve(match))
      else if (answer.length > MAX_ANSWER_CHARACTERS) fail('answered with something else')
    })
    socket.write(request)
  })
}
