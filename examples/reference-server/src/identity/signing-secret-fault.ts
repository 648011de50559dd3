import { findSecretFault } from '@golden-arch/core/security'

/** What is wrong with a secret that is to sign access tokens, and what makes a good one; undefined where nothing is. */
export function signingSecretFault(text: string): string | undefined {
  const fault = findSecretFault(Buffer.from(text), true)
  return fault === undefined ? undefined : `${fault}; openssl rand -base64 32 makes one`
}
