/** What a redactor looks for. */
export type SecretKind =
  | 'known-secret'
  | 'private-key'
  | 'url-password'
  | 'anthropic-key'
  | 'openai-key'
  | 'aws-access-key'
  | 'aws-secret-key'
  | 'github-token'
  | 'gitlab-token'
  | 'google-key'
  | 'slack-token'
  | 'stripe-key'
  | 'npm-token'
  | 'hugging-face-token'
  | 'sendgrid-key'
  | 'jwt'
  | 'bearer-token'
  | 'basic-credentials'
  | 'card-number'
  | 'email'

/** A secret or a personal datum in a text. Holds nothing of it. */
export interface SecretSpan {
  readonly kind: SecretKind
  /** First UTF-16 code unit. */
  readonly start: number
  /** One past the last. */
  readonly end: number
}
