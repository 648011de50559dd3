import { InvalidOptionError, requireText } from '../../errors/index.ts'

/** PostgreSQL cuts longer identifiers, so that two channels could become one. */
const MAX_NAME_BYTES = 63

/**
 * The name of a channel as LISTEN takes it: quoted, so that upper and lower case differ.
 * @throws InvalidOptionError `INVALID_OPTION` on a name that is empty or longer than 63 bytes, or holds a double quote.
 */
export function quoteChannel(channel: string): string {
  requireText('channel', channel, MAX_NAME_BYTES)
  if (Buffer.byteLength(channel) > MAX_NAME_BYTES || channel.includes('"')) {
    throw new InvalidOptionError('channel', `a name of 1 to ${MAX_NAME_BYTES} bytes without quotes`, channel)
  }
  return `"${channel}"`
}
