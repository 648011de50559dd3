import { type Finding, ok, wrong } from './finding.ts'
import { versionFinding } from './version-finding.ts'

const VERSIONS = { least: [7] }

/** Judges what Redis says of itself: the text of `INFO`. */
export function redisFindings(info: string): readonly Finding[] {
  const facts = new Map(
    info.split('\n').map((line) => {
      const colon = line.indexOf(':')
      return [line.slice(0, Math.max(colon, 0)), line.slice(colon + 1).trim()] as const
    }),
  )
  return [
    versionFinding('redis.version', 'Redis', facts.get('redis_version') ?? 'of an unknown version', VERSIONS),
    facts.get('role') === 'slave'
      ? wrong(
          'error',
          'redis.writable',
          'the server is a replica and takes no writes',
          'let REDIS_URL name the primary',
        )
      : ok('redis.writable', 'it takes writes'),
    facts.get('aof_enabled') === '1'
      ? ok('redis.appendonly', 'appendonly is on')
      : wrong(
          'warning',
          'redis.appendonly',
          'appendonly is off: after a restart, rate limits, cached answers and breaker signals begin anew',
          'CONFIG SET appendonly yes; CONFIG REWRITE',
        ),
  ]
}
