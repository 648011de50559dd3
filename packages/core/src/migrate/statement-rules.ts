import type { SqlStatement } from './sql-scanner.ts'

/** The transaction command that `statement` is, such as `COMMIT`, or undefined. Savepoints are none. */
export function transactionCommandOf(statement: SqlStatement): string | undefined {
  const [first, second, third] = wordsOf(statement)
  switch (first) {
    case 'BEGIN':
    case 'COMMIT':
    case 'END':
    case 'ABORT':
      return first
    case 'START':
    case 'PREPARE':
      return second === 'TRANSACTION' ? `${first} ${second}` : undefined
    case 'ROLLBACK': {
      const afterNoise = second === 'WORK' || second === 'TRANSACTION' ? third : second
      return afterNoise === 'TO' ? undefined : first
    }
    default:
      return undefined
  }
}

/** Whether `statement` is a COPY that reads from or writes to the client, which only psql's protocol can feed. */
export function copiesThroughClient(statement: SqlStatement): boolean {
  const words = wordsOf(statement)
  return words[0] === 'COPY' && (words.includes('STDIN') || words.includes('STDOUT'))
}

function wordsOf(statement: SqlStatement): readonly string[] {
  return statement.tokens.filter((token) => token.kind === 'word').map((token) => token.text)
}
