/** Size of an envelope as JSON where no other limit is given: 1 MiB, which is also the limit of a NATS server. */
export const DEFAULT_MAX_PAYLOAD_BYTES = 1_048_576

/** The greatest limit that can be given: 64 MiB. */
export const MAX_PAYLOAD_BYTES = 67_108_864
