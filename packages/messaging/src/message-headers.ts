/** Headers of a message as the broker carried them; a name may come with several values. */
export type MessageHeaders = Readonly<Record<string, readonly string[]>>
